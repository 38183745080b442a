import type { BacklogRecord, TakeBacklog, TakenBacklog } from '../backlog.ts'

interface Waiting {
  readonly record: BacklogRecord
  readonly atMs: number
  readonly place: number
}

interface Lease {
  readonly token: Buffer
  readonly untilMs: number
}

/** Records are read so many at a time, as in `redis/scripts/take-backlog.lua`. */
const SLICE = 16

/** The backlog of a server in process: records in the order in which they came, and who may flush them. */
export class BacklogTable {
  #waiting: Map<string, Waiting>
  #lease: Lease | undefined
  #last: number

  constructor(waiting: ReadonlyMap<string, Waiting> = new Map(), lease?: Lease, last = 0) {
    this.#waiting = new Map(waiting)
    this.#lease = lease
    this.#last = last
  }

  copy(): BacklogTable {
    return new BacklogTable(this.#waiting, this.#lease, this.#last)
  }

  get size(): number {
    return this.#waiting.size
  }

  append(record: Omit<BacklogRecord, 'id'>, atMs: number): void {
    this.#last += 1
    const id = `${atMs}-${this.#last}`
    this.#waiting.set(id, { record: { ...record, id, value: Buffer.from(record.value) }, atMs, place: this.#last })
  }

  /** Lets the oldest go where there are more than that. */
  keep(most: number): void {
    for (const id of this.#waiting.keys()) {
      if (this.#waiting.size <= most) return
      this.#waiting.delete(id)
    }
  }

  /** Returns what was taken out. */
  remove(ids: readonly string[]): readonly BacklogRecord[] {
    const removed = ids.flatMap((id) => this.#waiting.get(id)?.record ?? [])
    for (const id of ids) this.#waiting.delete(id)
    return removed
  }

  /** `unguarded`: whoever asks is given records, whoever has the lease. */
  take({ token, leaseTtlMs, after, most, mostBytes }: TakeBacklog, nowMs: number, unguarded = false): TakenBacklog {
    const [first] = this.#waiting.values()
    const told = { size: this.size, oldestMs: first === undefined ? 0 : Math.max(0, nowMs - first.atMs), records: [] }
    const lease = this.#lease
    if (!unguarded && lease !== undefined && lease.untilMs > nowMs && !lease.token.equals(token)) {
      return { outcome: 'busy', ...told }
    }
    this.#lease = leaseTtlMs === 0 ? undefined : { token, untilMs: nowMs + Math.ceil(leaseTtlMs) }
    if (leaseTtlMs === 0) return { outcome: 'taken', ...told }
    return { outcome: 'taken', ...told, records: this.#read(Number(after.split('-')[1] ?? 0), most, mostBytes) }
  }

  #read(after: number, most: number, mostBytes: number): readonly BacklogRecord[] {
    const records: BacklogRecord[] = []
    let bytes = 0
    for (const { record, place } of this.#waiting.values()) {
      if (place <= after) continue
      if (records.length % SLICE === 0 && bytes >= mostBytes) break
      if (records.length === most) break
      records.push(record)
      bytes += record.value.length
    }
    return records
  }
}
