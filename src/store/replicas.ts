import type { OpenLine } from './open-line.ts'
import { asEntry, type EntryRecord } from './record.ts'
import type { Replica } from './replica.ts'
import type { NamedServer } from './roster.ts'
import type { Found } from './shard.ts'

/** The replicas of one shard, which may come and go, and which of them to ask. */
export class Replicas {
  readonly #make: (server: NamedServer) => Replica
  #all: readonly Replica[] = []
  /** Who is looked at first, so that those with equally much to do take turns. */
  #turn = 0

  constructor(make: (server: NamedServer) => Replica) {
    this.#make = make
  }

  /** Leaves those that are not among `servers`. Resolves after the first attempts to reach those that are new. */
  async become(servers: readonly NamedServer[]): Promise<void> {
    const former = new Map(this.#all.map((replica) => [replica.server, replica]))
    const fresh: Replica[] = []
    this.#all = servers.map((one) => {
      const known = former.get(one.server)
      former.delete(one.server)
      if (known !== undefined) return known
      const replica = this.#make(one)
      fresh.push(replica)
      return replica
    })
    for (const gone of former.values()) gone.close()
    await Promise.all(fresh.map((replica) => replica.start()))
  }

  close(): void {
    for (const replica of this.#all) replica.close()
  }

  /** How far behind each is known to be at most, in ms; `undefined` for one that cannot be asked. */
  lags(now: number): readonly { readonly name: string; readonly lagMs: number | undefined }[] {
    return this.#all.map(({ name, asOf }) => ({ name, lagMs: Number.isFinite(asOf) ? now - asOf : undefined }))
  }

  /** The least loaded one that has come as far as `notBefore`; `undefined` when none has, or all have more than `load` to do. */
  choose(notBefore: number, load: number): Replica | undefined {
    let chosen: Replica | undefined
    this.#turn += 1
    for (let place = 0; place < this.#all.length; place += 1) {
      const replica = this.#all[(this.#turn + place) % this.#all.length] as Replica
      if (replica.asOf < notBefore || replica.inFlight > (chosen?.inFlight ?? load)) continue
      chosen = replica
    }
    return chosen
  }

  /**
   * What a replica holds under a key, its value as it is stored, if that is an entry of the epoch that `known`, the last line to the primary, tells of,
   * and no older than `notBefore`. Rejects with the line's error.
   */
  async read(
    replica: Replica,
    key: string,
    notBefore: number,
    known: OpenLine,
    now: () => number,
  ): Promise<{ readonly found: Found; readonly record: EntryRecord } | undefined> {
    const answer = await replica.read(key)
    if (answer === undefined || answer.record === undefined || answer.record === 'malformed') return undefined
    const { record, epoch, sentAt } = answer
    if (epoch !== known.epoch) return undefined
    const asOf = known.asOfReplicated(record, answer)
    const serverNow = known.clock.latest(now())
    if (asOf === undefined || asOf < notBefore || serverNow === undefined) return undefined
    const entry = asEntry(record, serverNow)
    return entry && { found: { entry, sentAt, asOf, proof: undefined }, record }
  }
}
