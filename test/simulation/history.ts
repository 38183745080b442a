import type { Source } from '../../src/cache/cache.ts'

/** What the contract says about one keyspace, as far as a history can be judged by it. */
export interface KeyspaceRules {
  readonly name: string
  readonly strong: boolean
  /** How old a degraded answer may be at the most; 0 = there are none. */
  readonly degradedMs: number
  /**
   * What orders the states of a key. `origin`: a counter in the row itself, larger after each commit. `version`: the
   * versions that the shared tier gave to the Sets and invalidations of a key without an origin.
   */
  readonly states: 'origin' | 'version'
}

/** A change as its writer begins it. All times are monotonic milliseconds of the one clock of whoever observes. */
export interface ChangeBegun {
  readonly keyspace: string
  readonly key: string
  /** Who and how, for people: `invalidate@s2`. */
  readonly by: string
  /** `origin`: before the row was committed; `version`: before the request was sent. */
  readonly at: number
  /**
   * What a reader recognizes the state by. `origin`: the counter that the row has once this is committed, also where an
   * invalidation follows no commit of its own. `version`: a number unique among the Sets of the key; absent for an
   * invalidation, which leaves nothing to see.
   */
  readonly mark?: number
  /** The change took the row away: readers see NOT_FOUND. */
  readonly absent?: boolean
  /** A Set with a lease: when the miss that carried the lease had been received. */
  readonly leasedAt?: number
}

/** How a change ended. One that nobody settles has an unknown outcome: it may hold, now or later, and obliges to nothing. */
export interface ChangeInProgress {
  /** Acknowledged at `at`. `version`: the one that the acknowledgement named, needed where versions order the states. */
  acknowledged(at: number, version?: number): Violation | undefined
  /** Refused for good: its value must never be seen. */
  refused(at: number): void
  /** Failed or deferred, at `at`. */
  unknown(at: number): void
}

export type Seen =
  | { readonly kind: 'value'; readonly mark: number }
  | { readonly kind: 'absent' }
  /** Nothing is cached: never stale. */
  | { readonly kind: 'miss' }
  /** Bytes that are not of this key, or that nobody wrote. */
  | { readonly kind: 'foreign'; readonly text: string }

/** One answered read. */
export interface Read {
  readonly keyspace: string
  readonly key: string
  readonly by: string
  readonly startedAt: number
  readonly endedAt: number
  /** The effective bound: the keyspace's, or the request's if that is tighter. */
  readonly boundMs: number
  readonly minVersion?: number
  readonly seen: Seen
  readonly version: number
  /** What the answer claims, on the observer's clock. */
  readonly asOf: number
  readonly degraded: boolean
  readonly source: Source
}

/** The rules of section 2 that an answer can break; each text says what was found. */
export const RULES = {
  stale: 'older than a change that had been acknowledged before the read began, less its bound',
  'as-of': 'older than a change that had been acknowledged before the as_of it claims',
  'claims-fresh': 'not marked degraded, though its own as_of is outside the bound',
  future: 'claims an as_of later than its own arrival',
  'degraded-strong': 'a strong keyspace answered degraded',
  'degraded-age': 'degraded, and older than the policy lets degraded answers be',
  'min-version': 'of a smaller version than was asked for',
  unwritten: 'a state that nobody had begun to write',
  refused: 'the value of a Set that was refused',
  mislabelled: 'a value under another version than the one it was stored under',
  lease: 'a Set was taken though its key had been changed since the lease was given',
} as const
export type Rule = keyof typeof RULES

export interface Violation {
  readonly keyspace: string
  readonly key: string
  readonly at: number
  readonly rules: readonly Rule[]
  /** For people: what was wrong, and what happened to the key before. */
  readonly report: string
}

export interface HistoryOptions {
  readonly keyspaces: readonly KeyspaceRules[]
  /** By how much a claimed as_of may be later than the truth, since it travels as whole milliseconds of wall time. */
  readonly toleranceMs: number
  /** By how much it may be earlier: a process can be held up between reading its two clocks. */
  readonly heldUpMs: number
}

interface Change extends ChangeBegun {
  version: number | undefined
  outcome: 'pending' | 'acknowledged' | 'refused' | 'unknown'
  endedAt: number | undefined
}

/** From `at` on, no state below `state` may be answered with bound 0. */
interface Step {
  readonly at: number
  readonly state: number
  readonly change: Change
}

interface Event {
  readonly at: number
  readonly text: string
}

/** How many reads of a key, changes of it and notes on the world a report can look back on. */
const REMEMBERED = 200
const REPORTED_MS = 15_000

class KeyRecord {
  /** Values by what they are recognized by; states that the origin began with are not in it. */
  readonly marked = new Map<number, Change>()
  readonly absences: Change[] = []
  readonly changes: Change[] = []
  /** Grows in both `at` and `state`. */
  readonly steps: Step[] = []
  /** Apart from each other, so that many reads do not push out what was written. */
  readonly pastReads: Event[] = []
  readonly pastChanges: Event[] = []
  largestMark = 0

  /** A change that began after `set` was given its lease and was acknowledged before it was sent. */
  changeBetween(set: Change): Change | undefined {
    const { leasedAt } = set
    if (leasedAt === undefined) return undefined
    for (let place = this.changes.length - 1; place >= 0; place -= 1) {
      const other = this.changes[place] as Change
      if (other.at <= leasedAt) break
      if (other.outcome === 'acknowledged' && other.endedAt !== undefined && other.endedAt < set.at) return other
    }
    return undefined
  }

  /** The largest state that had been acknowledged before `moment`. */
  before(moment: number): Step | undefined {
    return this.steps.findLast((step) => step.at < moment)
  }

  raise(step: Step): void {
    let place = this.steps.length
    while (place > 0 && (this.steps[place - 1] as Step).at > step.at) place -= 1
    if (place > 0 && (this.steps[place - 1] as Step).state >= step.state) return
    let after = place
    while (after < this.steps.length && (this.steps[after] as Step).state <= step.state) after += 1
    this.steps.splice(place, after - place, step)
  }
}

/**
 * What happened, judged by the freshness contract while it happens: a read that starts at `t` with bound `B` never
 * returns a state older than the one left by every change acknowledged before `t - B`, unless it says `degraded`; and no
 * answer, degraded or not, claims an `as_of` that is not true.
 *
 * It has no clock and does no I/O; real processes and simulated ones use it alike. A read is judged when it has ended,
 * by what had been acknowledged when it began: record acknowledgements when they arrive, not later.
 */
export class History {
  readonly #rules: ReadonlyMap<string, KeyspaceRules>
  readonly #toleranceMs: number
  readonly #heldUpMs: number
  readonly #keys = new Map<string, KeyRecord>()
  readonly #world: Event[] = []

  constructor(options: HistoryOptions) {
    this.#rules = new Map(options.keyspaces.map((keyspace) => [keyspace.name, keyspace]))
    this.#toleranceMs = options.toleranceMs
    this.#heldUpMs = options.heldUpMs
  }

  /** Something that explains what follows, such as a fault; shown in reports. */
  note(at: number, text: string): void {
    remember(this.#world, { at, text: `        ${text}` })
  }

  /** A read that was not answered; shown in reports. */
  unanswered(read: Pick<Read, 'keyspace' | 'key' | 'by' | 'startedAt' | 'endedAt'>, why: string): void {
    const { startedAt, endedAt, by } = read
    remember(this.#record(read).pastReads, { at: endedAt, text: `read    ${by} since ${at(startedAt)}: ${why}` })
  }

  begin(begun: ChangeBegun): ChangeInProgress {
    const record = this.#record(begun)
    const change: Change = { ...begun, version: undefined, outcome: 'pending', endedAt: undefined }
    record.changes.push(change)
    if (begun.absent === true) record.absences.push(change)
    // An invalidation that follows no commit of its own names a state that another change has begun.
    if (begun.mark !== undefined && !record.marked.has(begun.mark)) record.marked.set(begun.mark, change)
    record.largestMark = Math.max(record.largestMark, begun.mark ?? 0)
    remember(record.pastChanges, { at: begun.at, text: `begin   ${describe(change)}` })
    const end = (outcome: Change['outcome'], endedAt: number) => {
      change.outcome = outcome
      change.endedAt = endedAt
      const version = change.version === undefined ? '' : ` as version ${change.version}`
      remember(record.pastChanges, { at: endedAt, text: `${outcome}${version}: ${describe(change)}` })
    }
    return {
      acknowledged: (endedAt, version) => {
        const shown = change.version
        change.version = version
        end('acknowledged', endedAt)
        return this.#acknowledged(record, change, endedAt, shown)
      },
      refused: (endedAt) => end('refused', endedAt),
      unknown: (endedAt) => end('unknown', endedAt),
    }
  }

  /** Judges an answer. */
  read(read: Read): Violation | undefined {
    const record = this.#record(read)
    remember(record.pastReads, { at: read.endedAt, text: `read    ${describeRead(read)}` })
    const broken = new Map<Rule, string>()
    this.#judgeClaims(read, broken)
    this.#judgeState(read, record, broken)
    if (broken.size === 0) return undefined
    return this.#violation(read, read.endedAt, broken, describeRead(read))
  }

  /** `shown`: the version that a reader has met it under before. */
  #acknowledged(record: KeyRecord, change: Change, endedAt: number, shown: number | undefined): Violation | undefined {
    const state = this.#rulesOf(change).states === 'origin' ? change.mark : change.version
    if (state !== undefined) record.raise({ at: endedAt, state, change })
    const broken = new Map<Rule, string>()
    if (shown !== undefined && shown !== change.version)
      broken.set('mislabelled', `version ${shown} instead of ${change.version}`)
    const between = record.changeBetween(change)
    if (between !== undefined) broken.set('lease', `leased ${at(change.leasedAt ?? 0)}, then ${describe(between)}`)
    return broken.size === 0 ? undefined : this.#violation(change, endedAt, broken, describe(change))
  }

  /** What an answer says about itself. */
  #judgeClaims(read: Read, broken: Map<Rule, string>): void {
    const { strong, degradedMs } = this.#rulesOf(read)
    const { asOf, startedAt, boundMs } = read
    if (asOf > read.endedAt + this.#toleranceMs) broken.set('future', `as_of ${at(asOf)}`)
    if (read.seen.kind === 'miss') return
    if (read.minVersion !== undefined && read.version < read.minVersion && !unstored(read))
      broken.set('min-version', `${read.version} instead of at least ${read.minVersion}`)
    // Times at the sidecar lie within those of its caller, so the caller's own start is the lenient end.
    if (!read.degraded && asOf < startedAt - boundMs - this.#heldUpMs)
      broken.set('claims-fresh', `as_of ${at(asOf)}, started ${at(startedAt)}, bound ${boundMs} ms`)
    if (!read.degraded) return
    if (strong) broken.set('degraded-strong', 'degraded')
    else if (asOf < startedAt - degradedMs - this.#heldUpMs)
      broken.set('degraded-age', `as_of ${at(asOf)}, at most ${degradedMs} ms were allowed`)
  }

  /** What an answer holds. */
  #judgeState(read: Read, record: KeyRecord, broken: Map<Rule, string>): void {
    const state = this.#stateOf(read, record, broken)
    if (state === undefined) return
    const due = read.degraded ? undefined : record.before(read.startedAt - read.boundMs)
    const isOlder = (step: Step) => state < step.state && !this.#beganAfter(read, record, step)
    if (due !== undefined && isOlder(due)) broken.set('stale', overtaken(state, due))
    const claimed = record.before(read.asOf - this.#toleranceMs)
    if (claimed !== undefined && isOlder(claimed)) broken.set('as-of', overtaken(state, claimed))
  }

  /**
   * Whether what was seen was set after a change had been acknowledged: then it is newer, whatever its version says. Only
   * a sidecar that has never seen the larger version can give a smaller one, and only after a failover to a server whose
   * clock is behind.
   */
  #beganAfter(read: Read, record: KeyRecord, step: Step): boolean {
    if (this.#rulesOf(read).states === 'origin' || read.seen.kind !== 'value') return false
    const change = record.marked.get(read.seen.mark)
    return change !== undefined && change.at > step.at
  }

  /** `undefined` for a miss, and for what is no state at all. */
  #stateOf(read: Read, record: KeyRecord, broken: Map<Rule, string>): number | undefined {
    const { seen } = read
    switch (seen.kind) {
      case 'miss':
        return undefined
      case 'foreign':
        broken.set('unwritten', `unknown bytes ${JSON.stringify(seen.text.slice(0, 80))}`)
        return undefined
      case 'absent':
        // NOT_FOUND does not say which of the absences it is: the newest that it can be counts.
        return this.#absentState(read, record, broken)
      case 'value':
        return this.#rulesOf(read).states === 'origin'
          ? this.#rowState(seen.mark, record, broken)
          : versionState(seen.mark, read, record, broken)
    }
  }

  #absentState(read: Read, record: KeyRecord, broken: Map<Rule, string>): number | undefined {
    const newest = record.absences.findLast((change) => change.at <= read.endedAt)
    if (newest === undefined) broken.set('unwritten', 'NOT_FOUND, but the row has never been away')
    return newest?.mark
  }

  #rowState(mark: number, record: KeyRecord, broken: Map<Rule, string>): number {
    const change = record.marked.get(mark)
    if (mark > record.largestMark) broken.set('unwritten', `state ${mark}, the newest is ${record.largestMark}`)
    else if (change?.absent === true) broken.set('unwritten', `a value of state ${mark}, in which the row was away`)
    return mark
  }

  #violation(
    { keyspace, key }: { readonly keyspace: string; readonly key: string },
    moment: number,
    broken: ReadonlyMap<Rule, string>,
    subject: string,
  ): Violation {
    const findings = [...broken].map(([rule, detail]) => `  ${rule}: ${RULES[rule]} (${detail})`)
    const events = this.lookBack({ keyspace, key }, moment)
    const report = [`${keyspace}/${key} at ${at(moment)}: ${subject}`, ...findings, 'What went before:', ...events]
    return { keyspace, key, at: moment, rules: [...broken.keys()], report: report.join('\n') }
  }

  /** What came before a moment, of one key and of the world, a line each: for reports. */
  lookBack(key: { readonly keyspace: string; readonly key: string }, moment: number): readonly string[] {
    const { pastReads, pastChanges } = this.#record(key)
    return [...this.#world, ...pastChanges, ...pastReads]
      .filter((event) => event.at >= moment - REPORTED_MS)
      .sort((a, b) => a.at - b.at)
      .map((event) => `  ${at(event.at).padStart(9)}  ${event.text}`)
  }

  #record({ keyspace, key }: { readonly keyspace: string; readonly key: string }): KeyRecord {
    const name = `${keyspace}/${key}`
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    const record = new KeyRecord()
    this.#keys.set(name, record)
    return record
  }

  #rulesOf({ keyspace }: { readonly keyspace: string }): KeyspaceRules {
    const rules = this.#rules.get(keyspace)
    if (rules === undefined) throw new RangeError(`no rules for keyspace ${keyspace}`)
    return rules
  }
}

function versionState(mark: number, read: Read, record: KeyRecord, broken: Map<Rule, string>): number {
  const change = record.marked.get(mark)
  if (change === undefined) broken.set('unwritten', `a value marked ${mark}`)
  else if (change.outcome === 'refused') broken.set('refused', describe(change))
  // A Set of unknown outcome shows its version where it is first seen.
  else if (change.version === undefined) change.version = read.version
  else if (change.version !== read.version)
    broken.set('mislabelled', `version ${read.version} instead of ${change.version}`)
  return read.version
}

/** A fallback answer of the origin has no version; what it holds is judged by its state. */
const unstored = (read: Read): boolean => read.version === 0 && read.source === 'origin'

const overtaken = (state: number, { state: due, at: ackedAt, change }: Step): string =>
  `state ${state} instead of at least ${due}, which ${describe(change)} had left, acknowledged ${at(ackedAt)}`

function describe({ by, mark, absent }: Change): string {
  return `${by}${mark === undefined ? '' : ` of ${mark}`}${absent === true ? ' (row away)' : ''}`
}

function describeRead({ by, seen, source, version, asOf, degraded, startedAt, boundMs }: Read): string {
  const what = seen.kind === 'value' ? `value ${seen.mark}` : seen.kind
  const claims = `version ${version}, as_of ${at(asOf)}${degraded ? ', degraded' : ''}`
  return `${by} since ${at(startedAt)} with bound ${boundMs}: ${what} from ${source}, ${claims}`
}

const at = (moment: number): string => moment.toFixed(1)

function remember(events: Event[], event: Event): void {
  events.push(event)
  if (events.length > REMEMBERED) events.shift()
}
