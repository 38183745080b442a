import { floorOf } from '../budget.ts'
import { counted, type Member, reserve, type Table, targetOf } from './budget-members.ts'

/** For so long, in ms, a sidecar that fell silent may still be there, and count on its floor. */
const SILENT_MS = 600_000
/** So many times within a lease, what cannot be divided goes on to the next. */
const SLICES = 3

/** Whom does the table still know, and how far does what is left go if all are treated alike? */
export function survey(table: Table, leaseMs: number, nowMs: number): void {
  Object.assign(table, { asks: 0, least: Number.POSITIVE_INFINITY, most: 0, fleet: 0, floor: 0 })
  Object.assign(table, { seats: 0, alive: 0, floors: 0, used: 0 })
  const gone: [string, Member][] = []
  const asking: [string, Member][] = []
  let silent = 0
  for (const [id, member] of table.members) {
    if (nowMs >= member.lapsesAtMs) {
      if (isStillSeated(member, nowMs)) gone.push([id, member])
      else table.members.delete(id)
    } else if (count(table, member, nowMs)) asking.push([id, member])
    else silent += counted(member)
  }
  gone.sort((a, b) => a[1].lapsesAtMs - b[1].lapsesAtMs || (a[0] < b[0] ? -1 : 1))
  table.gone = Math.max(0, Math.min(gone.length, table.fleet - table.seats))
  // With more seats than there may be sidecars, those who have been silent for longest are no more.
  for (const [id] of gone.slice(0, gone.length - table.gone)) table.members.delete(id)
  divide(table, table.least - reserve(table, table.seats) - silent, asking, leaseMs, nowMs)
}

/** A member that has been silent for longer than anything of it can run: whether it may be there all the same. */
function isStillSeated(member: Member, nowMs: number): boolean {
  if (member.floor > 0) Object.assign(member, { held: 0, floor: 0, isGone: true, hasExtra: false })
  return member.isGone && nowMs - member.lapsesAtMs <= SILENT_MS
}

/** False for one that has not been heard of of late. */
function count(table: Table, member: Member, nowMs: number): boolean {
  table.used += counted(member)
  table.least = Math.min(table.least, member.limit)
  table.most = Math.max(table.most, member.limit)
  table.fleet = Math.max(table.fleet, member.fleet)
  table.floor = Math.max(table.floor, floorOf(member))
  if (member.floor > 0) table.seats += 1
  if (nowMs >= member.quietAtMs) return false
  if (member.floor > 0) table.alive += 1
  table.floors += member.floor
  return true
}

function divide(table: Table, room: number, asking: [string, Member][], leaseMs: number, nowMs: number): void {
  const needed = (level: number) => asking.reduce((sum, [, member]) => sum + targetOf(member, level), 0)
  let low = 0
  let high = table.most
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (needed(middle) <= room) low = middle
    else high = middle - 1
  }
  table.level = low
  goRound(Math.max(0, room - needed(low)), low, asking, leaseMs, nowMs)
}

/** What is left after the level, less than one each, goes to those who have been without for longest, for a while. */
function goRound(spare: number, level: number, asking: [string, Member][], leaseMs: number, nowMs: number): void {
  const line: [string, Member][] = []
  const served: [string, Member][] = []
  const end = (member: Member) => Object.assign(member, { hasExtra: false, sinceMs: nowMs })
  for (const [id, member] of asking) {
    const isWanting = member.wants > level && member.floor <= level
    if (member.hasExtra && isWanting && nowMs - member.sinceMs < leaseMs / SLICES) {
      served.push([id, member])
      continue
    }
    if (member.hasExtra) end(member)
    if (isWanting) line.push([id, member])
  }
  const byAge = (a: [string, Member], b: [string, Member]) => a[1].sinceMs - b[1].sinceMs || (a[0] < b[0] ? -1 : 1)
  served.sort(byAge)
  line.sort(byAge)
  for (const [, member] of served.slice(0, Math.max(0, served.length - spare))) end(member)
  for (const [, member] of line.slice(0, Math.max(0, spare - served.length))) {
    Object.assign(member, { hasExtra: true, sinceMs: nowMs })
  }
}
