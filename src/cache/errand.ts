import type { Seat } from '../flight/gather.ts'
import { Party } from '../flight/party.ts'
import type { Landing } from './landing.ts'

/** A flight of the read path as those who wait for it see it: where it is held up, and what could be had instead. */
export class Errand extends Party {
  waitsFor: 'shard' | 'lease' | 'origin' = 'shard'
  /** What the shard kept of an older value, where the policy would rather have that than an error. */
  stale: Landing | undefined
  /** Up to this version, what the shard has is known to be overtaken though it stands there: a tag was invalidated. */
  overtaken = 0
  /** The place of its first reader among those of one batch. */
  seat: Seat | undefined
}
