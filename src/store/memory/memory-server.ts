import { ALL_RULES, type Rules } from '../../base/rules.ts'
import { SCAN_BEGIN } from '../flushing.ts'
import type { ArgumentsOf, OperationName, ResultOf } from '../operations.ts'
import type { BacklogTable } from './backlog-table.ts'
import { BudgetTable } from './budget-table.ts'
import { FencedLocks } from './fenced-locks.ts'
import { HeatTable } from './heat-table.ts'
import { MemoryBehind } from './memory-behind.ts'
import { MemoryCounters } from './memory-counters.ts'
import { type EntriesCopy, MemoryEntries } from './memory-entries.ts'
import { type LifeCopy, MemoryLife } from './memory-life.ts'
import { MemoryLocks } from './memory-locks.ts'
import { MemoryNumbers } from './memory-numbers.ts'
import { MemoryRecords } from './memory-records.ts'
import { MemoryTags, type TagsCopy } from './memory-tags.ts'
import { type MemoryClient, MemoryTracking } from './memory-tracking.ts'
import { copiesOf, tableIn } from './named-tables.ts'

export interface MemoryServerOptions {
  /** Bound on keys and payloads. */
  readonly maxBytes: number
  /** This server's own TIME, in µs. */
  readonly timeUs: () => number
  /** Another one after each restart. */
  readonly runId: string
  readonly rules?: Rules
}

export interface MemorySnapshot {
  readonly entries: EntriesCopy
  readonly life: LifeCopy
  readonly locks: MemoryLocks
  readonly tags: TagsCopy
  readonly fenced: FencedLocks
  readonly numbers: MemoryNumbers
  readonly budgets: ReadonlyMap<string, BudgetTable>
  readonly heats: ReadonlyMap<string, HeatTable>
  readonly backlogs: ReadonlyMap<string, BacklogTable>
}

type Executors = { readonly [Name in OperationName]: (args: ArgumentsOf<Name>, client: MemoryClient) => ResultOf<Name> }

/** A server in process that does what the scripts do: for the embedded default, and the ground for the simulation. */
export class MemoryServer {
  readonly #options: MemoryServerOptions
  readonly #rules: Rules
  readonly #entries: MemoryEntries
  readonly #life: MemoryLife
  #locks = new MemoryLocks()
  #numbers = new MemoryNumbers()
  #budgets = new Map<string, BudgetTable>()
  #heats = new Map<string, HeatTable>()
  readonly #tracking = new MemoryTracking()
  readonly #tags = new MemoryTags(() => this.#life.present)
  readonly #records: MemoryRecords
  readonly #behind: MemoryBehind
  readonly #counters: MemoryCounters
  #fenced: FencedLocks

  constructor(options: MemoryServerOptions) {
    this.#options = options
    this.#rules = options.rules ?? ALL_RULES
    this.#entries = new MemoryEntries(options.maxBytes, (key) => this.#tracking.tell(key))
    this.#life = new MemoryLife(this.#rules)
    const { timeUs } = options
    const around = { tracking: this.#tracking, tags: this.#tags, rules: this.#rules, timeUs }
    this.#records = new MemoryRecords({ entries: this.#entries, ...around })
    this.#behind = new MemoryBehind(this.#records, timeUs, (old, now) => this.#counters.rewritten(old, now))
    this.#counters = new MemoryCounters(this.#records, this.#behind, timeUs)
    this.#fenced = new FencedLocks({ tracking: this.#tracking, timeUs })
  }

  get bytes(): number {
    return this.#entries.bytes
  }

  get evicted(): number {
    return this.#entries.evicted
  }

  get trackedKeys(): number {
    return this.#tracking.size
  }

  timeUs(): number {
    return Math.floor(this.#options.timeUs())
  }

  execute<Name extends OperationName>(name: Name, args: ArgumentsOf<Name>, client: MemoryClient): ResultOf<Name> {
    return this.#executors[name](args, client)
  }

  /** The connection is gone, and with it what it wanted to hear of. */
  forget(client: MemoryClient): void {
    this.#tracking.forget(client)
  }

  /** Forgets everything, as FLUSHALL does. */
  flush(): void {
    this.restore(new MemoryServer(this.#options).snapshot())
    this.#tracking.tellAll()
  }

  snapshot(): MemorySnapshot {
    const fenced = this.#fenced.copy()
    const [budgets, heats] = [copiesOf(this.#budgets), copiesOf(this.#heats)]
    const [life, tags, numbers] = [this.#life.copy(), this.#tags.copy(), this.#numbers.copy()]
    const [locks, backlogs] = [this.#locks.copy(), copiesOf(this.#behind.backlogs)]
    return { entries: this.#entries.copy(), life, tags, locks, numbers, fenced, budgets, heats, backlogs }
  }

  restore({ entries, life, tags, locks, numbers, fenced, budgets, heats, backlogs }: MemorySnapshot): void {
    this.#entries.restore(entries)
    this.#life.restore(life)
    this.#tags.restore(tags)
    this.#locks = locks.copy()
    this.#fenced = fenced.copy()
    this.#numbers = numbers.copy()
    this.#budgets = copiesOf(budgets)
    this.#heats = copiesOf(heats)
    this.#behind.restore(copiesOf(backlogs))
  }

  readonly #executors: Executors = {
    get: ({ key }, client) => this.#records.read(key, client),
    stamped: ({ key }) => ({
      life: this.#life.stamp,
      record: key === undefined ? undefined : this.#records.get(key),
    }),
    acquire: (args, client) => this.#records.acquire(args, client),
    fill: (args) => this.#records.fill(args),
    put: (args) => this.#records.put(args),
    invalidate: (args) => this.#records.invalidate(args),
    keepTag: (args) => this.#records.keepTag(args),
    intend: (args) => this.#records.intend(args),
    settle: (args) => this.#records.settle(args),
    release: ({ key, token, epoch }) => this.#records.release(key, token, epoch),
    increment: (args) => this.#counters.increment(args),
    putBehind: (args) => this.#behind.put(args),
    takeBacklog: (args) => this.#behind.backlog(args.backlog).take(args, this.#nowMs(), !this.#rules.orderedBehind),
    settleBacklog: (args) => this.#behind.settle(args),
    bury: (args) => this.#behind.bury(args),
    lock: ({ key, ttlMs }) => this.#locks.take(key, ttlMs, this.#nowMs()),
    lockAcquire: (ask, client) => this.#fenced.acquire(ask, client),
    lockRenew: (ask) => this.#fenced.renew(ask),
    lockRelease: (ask) => this.#fenced.release(ask),
    nextVersion: ({ key, taken }) => this.#numbers.next(key, taken),
    fillCopy: (args) => this.#records.fillCopy(args),
    drop: ({ key }) => this.#records.drop(key),
    // All at once: whoever asks has them in his own memory.
    scan: ({ prefix }) => ({ cursor: SCAN_BEGIN, names: this.#entries.names(prefix) }),
    flush: ({ key }) => this.#records.flush(key),
    beat: (beat) => {
      const pulse = this.#life.beat(beat, this.#options.runId, this.#nowMs())
      if (beat.probe !== '') this.#tracking.tell(beat.probe)
      return pulse
    },
    heat: ({ key, report }) => this.#heatOf(key).tell(report, this.timeUs()),
    hottest: ({ key, limit }) => this.#heatOf(key).hottest(limit, this.#nowMs()),
    budget: (ask) => this.#budgetOf(ask.key).ask(ask, this.#options.runId, this.#nowMs()),
  }

  #nowMs(): number {
    return Math.floor(this.#options.timeUs() / 1_000)
  }

  #budgetOf(key: string): BudgetTable {
    return tableIn(this.#budgets, key, () => new BudgetTable(this.#rules))
  }

  #heatOf(key: string): HeatTable {
    return tableIn(this.#heats, key, () => new HeatTable())
  }
}
