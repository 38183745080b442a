import type { Rules } from '../../base/rules.ts'
import { type BudgetAsk, type BudgetGrant, floorOf, type Seat } from '../budget.ts'
import { counted, type Member, reserve, type Table, targetOf } from './budget-members.ts'
import { survey } from './survey.ts'

/** A survey looks at all members; there is one for so many-th of them that ask, so that an ask costs the same in any fleet. */
const ASKS_PER_SURVEY = 8
/**
 * Who may have how many calls under way at one origin, so that all together never have more than its limit.
 *
 * What a member holds is taken from it only at its own word, or when its lease and all that was started within it must
 * be over. A new table knows nothing of what was granted before: until that must be over it only renews what members
 * say they hold, as a file server does after a restart (the grace period of NFS, RFC 7530 section 9.6.2). A table is
 * new when it was lost, when it was made by another run of the server, and when somebody comes from another home.
 *
 * Room is shared max-min fairly (Bertsekas, Gallager, "Data Networks", section 6.5.2): there is a level, and nobody has
 * less than that who wants it. What is left after the level, less than one each, goes round.
 */
export class BudgetTable {
  readonly #rules: Rules
  #table: Table | undefined

  constructor(rules: Rules) {
    this.#rules = rules
  }

  copy(): BudgetTable {
    const copy = new BudgetTable(this.#rules)
    const members = [...(this.#table?.members ?? [])].map(([id, one]) => [id, { ...one }] as const)
    if (this.#table !== undefined) copy.#table = { ...this.#table, members: new Map(members) }
    return copy
  }

  ask(ask: BudgetAsk, run: string, nowMs: number): BudgetGrant {
    const table = this.#tableOf(ask, run, nowMs)
    const old = table.members.get(ask.member)
    if (old !== undefined && ask.turn <= old.turn) return { outcome: 'late' }
    const grantsAtMs = this.#open(table, ask, old === undefined, nowMs)
    const waitsMs = Math.max(0, grantsAtMs - nowMs)
    const renews = this.#rules.newTableWaits && waitsMs > 0
    leave(table, ask.member, old)
    if (ask.leaves) return { outcome: 'granted', share: 0, seat: 'waiting', waitsMs }

    const heldBefore = heldOf(old, nowMs)
    const claimed = renews ? ask.share : Math.min(ask.share, heldBefore)
    const member = this.#member(ask, old, claimed, nowMs)
    const seat = ask.seated || isSeated(old) ? 'taken' : seatFor(table, member, renews)
    if (seat === 'taken') member.floor = floorOf(ask)
    enter(table, ask.member, member)
    if (table.asks * ASKS_PER_SURVEY >= table.members.size) survey(table, ask.leaseMs, nowMs)

    const target = targetOf(member, table.level + (member.hasExtra ? 1 : 0))
    const own = Math.max(claimed, Math.min(ask.running, heldBefore))
    const share = renews ? Math.max(member.floor, Math.min(claimed, ask.wants)) : grown(table, member, target, own)
    // A turn begins when there is something to have.
    if (member.hasExtra && share > counted(member)) member.sinceMs = nowMs
    table.used -= counted(member)
    member.held = this.#rules.holdersWord ? Math.max(member.held, share) : share
    table.used += counted(member)
    return { outcome: 'granted', share, seat, waitsMs }
  }

  #member(ask: BudgetAsk, old: Member | undefined, claimed: number, nowMs: number): Member {
    const { turn, running, wants, limit, fleet, leaseMs, settleMs } = ask
    const quietAtMs = nowMs + leaseMs
    return {
      turn,
      held: Math.max(running, claimed),
      wants,
      floor: 0,
      limit,
      fleet,
      quietAtMs,
      lapsesAtMs: this.#rules.deadQueriesRun ? quietAtMs + settleMs : quietAtMs,
      isGone: false,
      hasExtra: old?.hasExtra ?? false,
      sinceMs: old?.sinceMs ?? 0,
    }
  }

  #tableOf({ limit, fleet }: BudgetAsk, run: string, nowMs: number): Table {
    const table = this.#table
    if (table !== undefined && (table.run === run || !this.#rules.tableOfThisRun)) return table
    this.#table = {
      run,
      members: new Map(),
      bornAtMs: nowMs,
      longestMs: 0,
      askedAtMs: nowMs,
      asks: 0,
      least: limit,
      most: limit,
      fleet,
      floor: 0,
      seats: 0,
      gone: 0,
      alive: 0,
      floors: 0,
      used: 0,
      level: 0,
    }
    return this.#table
  }

  /** From when the table grants. */
  #open(table: Table, ask: BudgetAsk, isNew: boolean, nowMs: number): number {
    const lastsMs = ask.leaseMs + ask.settleMs
    table.longestMs = Math.max(table.longestMs, lastsMs)
    // A home that nobody asked for long may have been left for another one.
    if (ask.moved || (isNew && nowMs - table.askedAtMs > lastsMs)) table.bornAtMs = nowMs
    table.askedAtMs = nowMs
    table.least = Math.min(table.least, ask.limit)
    table.most = Math.max(table.most, ask.limit)
    table.fleet = Math.max(table.fleet, ask.fleet)
    table.floor = Math.max(table.floor, floorOf(ask))
    return table.bornAtMs + table.longestMs
  }
}

function heldOf(member: Member | undefined, nowMs: number): number {
  return member !== undefined && nowMs < member.lapsesAtMs ? member.held : 0
}

function isSeated(member: Member | undefined): boolean {
  return member !== undefined && member.floor > 0
}

function enter(table: Table, id: string, member: Member): void {
  table.members.set(id, member)
  table.used += counted(member)
  if (member.floor > 0) table.seats += 1
  table.asks += 1
}

function leave(table: Table, id: string, member: Member | undefined): void {
  if (member === undefined) return
  table.members.delete(id)
  table.used -= counted(member)
  if (member.isGone) table.gone -= 1
  if (member.floor > 0) table.seats -= 1
}

function seatFor(table: Table, { held, limit, fleet }: Member, renews: boolean): Seat {
  const floor = floorOf({ limit, fleet })
  if (floor === 0) return 'taken'
  const isFree = table.seats + table.gone < table.fleet
  const fits = table.used + Math.max(held, floor) + reserve(table, table.seats + 1) <= limit
  if (isFree && fits && !renews) return 'taken'
  return table.alive >= table.fleet || table.floors + floor > table.most ? 'beyond' : 'waiting'
}

/** As much of the target as there is room for. Where there is none, what the member holds by the table's leave is its own. */
function grown(table: Table, member: Member, target: number, own: number): number {
  const free = table.least - table.used - reserve(table, table.seats)
  return Math.min(target, free < 0 ? Math.max(member.floor, own) : counted(member) + free)
}
