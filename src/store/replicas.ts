import type { OpenLine } from './open-line.ts'
import { asEntry } from './record.ts'
import type { Replica } from './replica.ts'
import type { Found } from './shard.ts'

/** The replicas of one shard, and which of them to ask. */
export class Replicas {
  readonly #all: readonly Replica[]
  /** Who is looked at first, so that those with equally much to do take turns. */
  #turn = 0

  constructor(all: readonly Replica[]) {
    this.#all = all
  }

  async start(): Promise<void> {
    await Promise.all(this.#all.map((replica) => replica.start()))
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
   * What a replica holds under a key, if that is an entry of the epoch that `known`, the last line to the primary, tells of,
   * and no older than `notBefore`. Rejects with the line's error.
   */
  async read(
    replica: Replica,
    key: string,
    notBefore: number,
    known: OpenLine,
    now: () => number,
  ): Promise<Found | undefined> {
    const answer = await replica.read(key)
    if (answer === undefined || answer.record === undefined || answer.record === 'malformed') return undefined
    const { record, epoch, sentAt } = answer
    if (epoch !== known.epoch) return undefined
    const asOf = known.asOf(record, answer.asOf, known.heard)
    const serverNow = known.clock.latest(now())
    if (asOf === undefined || asOf < notBefore || serverNow === undefined) return undefined
    const entry = asEntry(record, serverNow)
    return entry && { entry, sentAt, asOf, proof: undefined }
  }
}
