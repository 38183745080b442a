import { status } from '@grpc/grpc-js'
import { systemClock } from '../../src/base/clock.ts'
import type { Source } from '../../src/cache/cache.ts'
import {
  type ChangeBegun,
  type ChangeInProgress,
  History,
  type KeyspaceRules,
  type Read,
  type Violation,
} from '../simulation/history.ts'

/** A violation, and the fault that had begun last. */
export interface Witnessed {
  readonly violation: Violation
  readonly fault: string
}

/** Reports are long, and the first few tell the story. */
const KEPT_VIOLATIONS = 200

const TOLERANCE_MS = 5
const HELD_UP_MS = 100

/** Sees everything that workload and faults do, counts it, and has the history judge it. */
export class Witness {
  readonly sources = new Map<Source, number>()
  readonly failures = new Map<string, number>()
  readonly changes = new Map<string, number>()
  readonly faults = new Map<string, number>()
  readonly violations: Witnessed[] = []
  readonly violationsByFault = new Map<string, Map<string, number>>()
  reads = 0
  misses = 0
  degraded = 0
  violated = 0
  readonly #history: History
  /** Those that have begun, the last one last. */
  readonly #begun: string[] = ['no fault']

  constructor(keyspaces: readonly KeyspaceRules[]) {
    this.#history = new History({ keyspaces, toleranceMs: TOLERANCE_MS, heldUpMs: HELD_UP_MS })
  }

  answered(read: Read): void {
    this.reads += 1
    count(this.sources, read.source)
    if (read.seen.kind === 'miss') this.misses += 1
    if (read.degraded) this.degraded += 1
    this.#judge(this.#history.read(read))
  }

  unanswered(read: Pick<Read, 'keyspace' | 'key' | 'by' | 'startedAt' | 'endedAt'>, code: number): void {
    const name = status[code] ?? String(code)
    count(this.failures, name)
    this.#history.unanswered(read, name)
  }

  begin(begun: ChangeBegun): ChangeInProgress {
    const change = this.#history.begin(begun)
    return {
      acknowledged: (at, version) => {
        count(this.changes, 'acknowledged')
        const violation = change.acknowledged(at, version)
        this.#judge(violation)
        return violation
      },
      refused: (at) => {
        count(this.changes, 'refused')
        change.refused(at)
      },
      unknown: (at) => {
        count(this.changes, 'unknown')
        change.unknown(at)
      },
    }
  }

  faultBegan(name: string, target: string): void {
    this.#begun.push(name)
    this.#history.note(systemClock.now(), `FAULT ${name} at ${target}`)
  }

  /** `happened`: false when there was nothing that it could have been done to. */
  faultEnded(name: string, target: string, happened: boolean): void {
    if (happened) count(this.faults, name)
    else this.#begun.splice(this.#begun.lastIndexOf(name), 1)
    this.#history.note(systemClock.now(), `end of ${name} at ${target}`)
  }

  /** Something within a fault, for the reports. */
  note(text: string): void {
    this.#history.note(systemClock.now(), text)
  }

  get faultsHappened(): number {
    return sum(this.faults)
  }

  /** Of all answers, how many came from a near cache. */
  get nearShare(): number {
    return this.reads === 0 ? 0 : (this.sources.get('near') ?? 0) / this.reads
  }

  #judge(violation: Violation | undefined): void {
    if (violation === undefined) return
    this.violated += 1
    const fault = this.#begun.at(-1) ?? ''
    const byRule = this.violationsByFault.get(fault) ?? new Map<string, number>()
    this.violationsByFault.set(fault, byRule)
    for (const rule of violation.rules) count(byRule, rule)
    if (this.violations.length < KEPT_VIOLATIONS) this.violations.push({ violation, fault })
  }
}

export function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, one) => total + one, 0)
}

function count<Name>(counts: Map<Name, number>, name: Name): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
