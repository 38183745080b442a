import { ALL_RULES, type Rules } from '../../src/base/rules.ts'
import { simulate } from './simulate.ts'

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
}

/** How long each seed runs, in simulated minutes. */
export const MINUTES = 0.5
const MOST_SEEDS = 200

/** The first seed whose history shows that a rule is missing; `undefined` when none of 200 does. */
export async function seedAgainst(rule: keyof Rules): Promise<number | undefined> {
  for (let seed = 1; seed <= MOST_SEEDS; seed += 1) if (await isCaught(rule, seed)) return seed
  return undefined
}

export async function isCaught(rule: keyof Rules, seed: number): Promise<boolean> {
  const { violations } = await simulate({ seed, minutes: MINUTES, rules: { ...ALL_RULES, [rule]: false } })
  return violations.length > 0
}
