/** A master that is known. */
export interface KnownMaster {
  /** `host:port`. */
  readonly address: string
  /** Where its control keys lie. */
  readonly anchor: number | undefined
}

export interface Succession<Master extends KnownMaster> {
  readonly staying: readonly Master[]
  /** Another node has their memory now: a replica that was promoted. */
  readonly replaced: readonly { readonly master: Master; readonly by: string }[]
  /** They own nothing any more. */
  readonly leaving: readonly Master[]
  /** Addresses of masters that were not known. */
  readonly coming: readonly string[]
}

/**
 * What has become of the masters, by the owners of all slots. A promoted replica has the memory of its master, and with it
 * the slot in which the master's life is told: it goes on with that life. A master that has given all its slots to others
 * has no heir: their memory is not its own.
 */
export function succession<Master extends KnownMaster>(
  known: readonly Master[],
  owners: readonly (string | undefined)[],
): Succession<Master> {
  const free = new Set(owners)
  free.delete(undefined)
  const staying = known.filter(({ address }) => free.has(address))
  for (const { address } of staying) free.delete(address)
  const replaced: { master: Master; by: string }[] = []
  const leaving: Master[] = []
  for (const master of known) {
    if (staying.includes(master)) continue
    const by = master.anchor === undefined ? undefined : owners[master.anchor]
    if (by !== undefined && free.delete(by)) replaced.push({ master, by })
    else leaving.push(master)
  }
  return { staying, replaced, leaving, coming: [...free] as string[] }
}
