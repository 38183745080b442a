import type { Clock } from '../../base/clock.ts'
import type { Journal } from './journal.ts'

/** What a sidecar tells the others of its journals: a shard that it owes something to, and which journal holds that. */
export interface OwedTo {
  readonly shard: string
  /** Of the journal, which outlives the process that writes it. */
  readonly journal: string
}

/** Who told of a debt, and on which shard's board. */
interface Teller {
  readonly board: string
  readonly member: string
}

interface Debt {
  readonly shard: string
  readonly tellers: Teller[]
  /** Since when nobody is heard to hold it. */
  lostAt: number | undefined
}

/** After so long without its holder, what it owed is made good by those who know of it. */
const LOST_AFTER_MS = 60_000
/** More debts than these are not remembered. */
const MOST_DEBTS = 10_000

/**
 * What this sidecar and the others keep in their journals for shards that they cannot reach. A debt whose holder tells no more of it
 * though it is alive is paid. One whose holder is gone for long will perhaps never be: the shard may go on answering
 * what was promised to be gone, so its epoch has to end.
 */
export class Debts {
  readonly #clock: Clock
  readonly #debts = new Map<string, Debt>()
  readonly #boardHeardAt = new Map<string, number>()
  readonly #own = new Map<string, Pick<Journal, 'id' | 'isEmpty'>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** This sidecar's own journal of a shard. */
  keep(shard: string, journal: Pick<Journal, 'id' | 'isEmpty'>): void {
    this.#own.set(shard, journal)
  }

  /** What this sidecar owes to any shard. */
  own(): readonly OwedTo[] {
    return [...this.#own].flatMap(([shard, { id, isEmpty }]) => (isEmpty ? [] : [{ shard, journal: id }]))
  }

  /** Takes in, with each heartbeat of a shard, what its living members tell there. Members that tell nothing are listed too. */
  hear(board: string, told: ReadonlyMap<string, readonly OwedTo[]>): void {
    this.#boardHeardAt.set(board, this.#clock.now())
    for (const [member, owed] of told) for (const one of owed) this.#note(one, { board, member })
    for (const [journal, debt] of this.#debts) {
      if (isPaid(journal, debt, board, told)) this.#debts.delete(journal)
      else this.#drop(debt, (teller) => teller.board === board && !told.has(teller.member))
    }
  }

  /** When the debt to this shard was lost that was lost last, of those that are overdue; `undefined` where none is. */
  overdue(shard: string): number | undefined {
    const now = this.#clock.now()
    let latest: number | undefined
    for (const debt of this.#debts.values()) {
      if (debt.shard !== shard) continue
      // A board that is silent itself tells nothing of its members.
      this.#drop(debt, ({ board }) => now - (this.#boardHeardAt.get(board) ?? now) >= LOST_AFTER_MS)
      if (debt.lostAt === undefined || now - debt.lostAt < LOST_AFTER_MS) continue
      latest = Math.max(latest ?? debt.lostAt, debt.lostAt)
    }
    return latest
  }

  /** What was lost up to then has been made good: nothing that the shard held before is answered any more. */
  settle(shard: string, lostUpTo: number): void {
    for (const [journal, debt] of this.#debts) {
      if (debt.shard === shard && debt.lostAt !== undefined && debt.lostAt <= lostUpTo) this.#debts.delete(journal)
    }
  }

  #note({ shard, journal }: OwedTo, teller: Teller): void {
    let debt = this.#debts.get(journal)
    if (debt === undefined) {
      if (this.#debts.size >= MOST_DEBTS) return
      debt = { shard, tellers: [], lostAt: undefined }
      this.#debts.set(journal, debt)
    }
    if (!debt.tellers.some((one) => isSame(one, teller))) debt.tellers.push(teller)
    debt.lostAt = undefined
  }

  #drop(debt: Debt, isGone: (teller: Teller) => boolean): void {
    for (let at = debt.tellers.length - 1; at >= 0; at -= 1) {
      if (isGone(debt.tellers[at] as Teller)) debt.tellers.splice(at, 1)
    }
    if (debt.tellers.length === 0) debt.lostAt ??= this.#clock.now()
  }
}

/** Whether one who told of it is alive and tells no more. */
function isPaid(
  journal: string,
  { tellers }: Debt,
  board: string,
  told: ReadonlyMap<string, readonly OwedTo[]>,
): boolean {
  return tellers.some((teller) => {
    const owed = teller.board === board ? told.get(teller.member) : undefined
    return owed !== undefined && !owed.some((one) => one.journal === journal)
  })
}

function isSame(one: Teller, other: Teller): boolean {
  return one.board === other.board && one.member === other.member
}
