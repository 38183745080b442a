import type { DrillRecord } from './drill-record.ts'
import type { ShardSample } from './world/shard-watch.ts'

/** How the reads were spread over the shards. */
export class ShardLoad {
  readonly names: readonly string[]
  readonly #samples: ReadonlyMap<string, readonly ShardSample[]>

  constructor({ shards }: Pick<DrillRecord, 'shards'>) {
    this.names = [...new Set(shards.map(({ shard }) => shard))].toSorted()
    this.#samples = new Map(this.names.map((name) => [name, shards.filter(({ shard }) => shard === name)]))
  }

  /** GETs of one shard between two moments, as if those between two samples came evenly; `undefined` where it was not asked. */
  gets(shard: string, from: number, to: number): number | undefined {
    const [first, last] = [this.#countAt(shard, from), this.#countAt(shard, to)]
    return first === undefined || last === undefined ? undefined : last - first
  }

  /** The busiest shard's GETs in a window, as a share of all and of the mean shard's; `undefined` where some was not asked. */
  busiest(
    from: number,
    to: number,
  ): { readonly shard: string; readonly share: number; readonly times: number } | undefined {
    const gets = this.names.map((shard) => ({ shard, gets: this.gets(shard, from, to) ?? Number.NaN }))
    const sum = gets.reduce((all, one) => all + one.gets, 0)
    if (!(sum > 0)) return undefined
    const most = gets.reduce((one, other) => (other.gets > one.gets ? other : one))
    const share = most.gets / sum
    return { shard: most.shard, share, times: share * gets.length }
  }

  /** How many copies lay on all shards together, as far as the last samples before that moment say. */
  copies(at: number): number {
    const last = [...this.#samples.values()].map((samples) => samples.findLast((one) => one.at <= at))
    return last.reduce((sum, one) => sum + (one?.copies ?? 0), 0)
  }

  /** When a copy was seen last, if any was. */
  get copiedUntil(): number | undefined {
    const seen = [...this.#samples.values()].flatMap(
      (samples) => samples.findLast(({ copies }) => copies > 0)?.at ?? [],
    )
    return seen.length === 0 ? undefined : Math.max(...seen)
  }

  #countAt(shard: string, at: number): number | undefined {
    const samples = this.#samples.get(shard) ?? []
    const next = samples.findIndex((one) => one.at >= at)
    const [before, after] = [samples[next - 1], samples[next]]
    if (before === undefined || after === undefined) return undefined
    return before.gets + ((at - before.at) / (after.at - before.at)) * (after.gets - before.gets)
  }
}
