import { ALL_RULES, type Rules } from '../../src/base/rules.ts'
import { simulate } from './simulate.ts'
import { simulateBehind } from './simulate-behind.ts'
import { simulateBudget } from './simulate-budget.ts'
import { simulateWrites } from './simulate-writes.ts'

/** What goes wrong without each rule. */
export const MUTANTS: Readonly<Record<keyof Rules, string>> = {
  poison: 'a value that was invalidated while it was read is kept near',
  leaseCheck: 'a slow load puts back what an invalidation has just removed',
  epochs: 'what a restarted shard remembers of older days is taken for current',
  runId: 'a quick restart goes unnoticed, since its last heartbeat does not look old',
  heartbeatFirst: 'a new connection is read before it is known that another memory answers there',
  twoHeartbeats: 'a primary that has been cut off is believed',
  proofEndsWithPair: 'entries that were read through a lost connection go on being proven',
  loopProof: 'a living subscriber is taken for a working invalidation channel',
  flightBound: 'a reader is given what was sent for before its bound began',
  asOfFromSending: 'a slow answer claims to be as young as its arrival',
  ownClockOnly: "a shard's clock is compared with this machine's: a put that was held up is carried out too late",
  replayFirst: 'the memory before a restart is accepted without what it has forgotten',
  hold: 'what a lagging replica of the database still shows is stored',
  copyAsOfAtLease: 'a copy claims to be as young as its storing, though its primary was read before',
  copyUnproven: "a copy goes on being proven by its own shard's channel, which tells nothing of its primary's changes",
  orderedBehind: 'what waits for the database is flushed by two sidecars at once, and an older value comes last',
  intentTokens:
    'whoever settles first ends the intents of all: what a reader loads then is stored while another write is under way',
  intentAlone: 'of two writers who race, what the first to commit has written is stored last',
  unknownStands: 'a write that may still come true is settled, and what was there before is loaded and stored',
  versionAnnounced: 'a keyspace is read by its next version while others do not make their changes in it yet',
  versionSeen: 'a keyspace counts as moved while others still read what was cached before',
  everyVersion: 'a change is made in the version of its own sidecar alone, while others read by another',
  tagsAsOfLoad: 'a value that was loaded before its tag was invalidated, and stored after that, is taken for current',
  absentTagOvertakes: 'a tag whose record is gone is taken for one that was never invalidated',
  tagEpochs: "the stamp that a tag's shard made by another clock is compared with a moment of the former one",
  everyHome: 'a write goes to the home on the new ring alone, while others read at the old one',
  waitForAll: 'a sidecar reads by the new ring while others do not write to it yet',
  announceFirst: 'a newcomer writes by the old ring alone, since it could not know that another is read by',
  leaveLast: 'the old ring is not written to any more, while others still read by it',
  newTableWaits: 'a table of shares that was lost grants at once',
  tableOfThisRun: 'a table that came back from a snapshot is believed',
  deadQueriesRun: "a dead sidecar's share goes to others while its queries run",
  holdersWord: 'a share shrinks before its holder has said so',
  shareFromAsking: 'a share that was asked for long ago counts from the answer',
  floorWaits: 'a newcomer uses its floor while queries of the one it stands in for run',
}

/** Those of which nothing is seen while the ring stays what it is. */
const RING_RULES: readonly string[] = [
  'everyHome',
  'waitForAll',
  'announceFirst',
  'leaveLast',
] satisfies readonly (keyof Rules)[]

/** Those of which nothing is seen while no keyspace moves. */
const VERSION_RULES: readonly string[] = [
  'versionAnnounced',
  'versionSeen',
  'everyVersion',
] satisfies readonly (keyof Rules)[]

export const isVersionRule = (rule: string | undefined): boolean => VERSION_RULES.includes(rule ?? '')

/** Those of which nothing is seen without tags. */
const TAG_RULES: readonly string[] = [
  'tagsAsOfLoad',
  'absentTagOvertakes',
  'tagEpochs',
] satisfies readonly (keyof Rules)[]

export const isTagRule = (rule: string | undefined): boolean => TAG_RULES.includes(rule ?? '')

export const isRingRule = (rule: string | undefined): boolean => RING_RULES.includes(rule ?? '')

/** Those that keep an origin's limit; the others keep the freshness contract. */
const OF_BUDGETS: ReadonlySet<keyof Rules> = new Set([
  'newTableWaits',
  'tableOfThisRun',
  'deadQueriesRun',
  'holdersWord',
  'shareFromAsking',
  'floorWaits',
])

/** Those that keep cache and database together while somebody writes through. */
const OF_WRITES: ReadonlySet<keyof Rules> = new Set(['intentTokens', 'intentAlone', 'unknownStands'])

/** How long each seed runs, in simulated minutes; longer where the ring changes, since that takes its time. */
export const MINUTES = 0.5
export const RING_MINUTES = 1
const MOST_SEEDS = 200

/** The first seed whose history shows that a rule is missing; `undefined` when none of 200 does. */
export async function seedAgainst(rule: keyof Rules): Promise<number | undefined> {
  for (let seed = 1; seed <= MOST_SEEDS; seed += 1) if (await isCaught(rule, seed)) return seed
  return undefined
}

export async function isCaught(rule: keyof Rules, seed: number): Promise<boolean> {
  const without = { ...ALL_RULES, [rule]: false }
  if (OF_BUDGETS.has(rule))
    return (await simulateBudget({ seed, minutes: MINUTES, rules: without })).violation !== undefined
  if (OF_WRITES.has(rule))
    return (await simulateWrites({ seed, minutes: MINUTES, rules: without })).violation !== undefined
  if (rule === 'orderedBehind')
    return (await simulateBehind({ seed, minutes: MINUTES, rules: without })).violation !== undefined
  const [changingRing, bumping] = [isRingRule(rule), isVersionRule(rule)]
  const minutes = changingRing ? RING_MINUTES : MINUTES
  const copies = !changingRing && !bumping
  const tagged = isTagRule(rule)
  const { violations } = await simulate({ seed, minutes, changingRing, bumping, copies, tagged, rules: without })
  return violations.length > 0
}
