/** How far a keyspace has been moved, beyond what configurations say; 0 = never. */
export interface KeyspaceVersion {
  /** Whoever changes a key changes it in every version up to this one. */
  readonly announced: number
  /** Everybody reads by this version, or by the configured one if that is larger. */
  readonly inForce: number
}

export type VersionTable = ReadonlyMap<string, KeyspaceVersion>

export const NO_VERSIONS: VersionTable = new Map()

/** One line for each keyspace, in the order of their names: name, announced version, version in force. */
export function encodeVersions(table: VersionTable): string {
  const names = [...table.keys()].sort()
  return names.map((name) => `${name} ${table.get(name)?.announced} ${table.get(name)?.inForce}\n`).join('')
}

/** What makes no sense is left out: it may be of another release. */
export function decodeVersions(text: string): VersionTable {
  const lines = text.matchAll(/^(\S+) (\d{1,15}) (\d{1,15})$/gm)
  return new Map(
    Array.from(lines, ([, name = '', announced, inForce]) => [
      name,
      { announced: Number(announced), inForce: Number(inForce) },
    ]),
  )
}

/** The larger of each: versions only grow. */
export function mergeVersions(one: VersionTable, other: VersionTable): VersionTable {
  const merged = new Map(one)
  for (const [name, { announced, inForce }] of other) {
    const known = merged.get(name)
    merged.set(name, {
      announced: Math.max(announced, known?.announced ?? 0),
      inForce: Math.max(inForce, known?.inForce ?? 0),
    })
  }
  return merged
}

/** Whether a keyspace has come as far as this in the table. */
export function hasCome(table: VersionTable, keyspace: string, { announced, inForce }: KeyspaceVersion): boolean {
  const known = table.get(keyspace)
  return (known?.announced ?? 0) >= announced && (known?.inForce ?? 0) >= inForce
}
