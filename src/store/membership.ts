import type { Clock } from '../base/clock.ts'
import type { Epoch } from './epoch.ts'
import { NoticeBoard } from './notice-board.ts'
import type { Beat, Pulse, ReplayReport } from './operations.ts'

/** As long as a shard itself remembers a silent member, and some more. */
const LEFT_REMEMBERED_MS = 20_000

/**
 * What this sidecar and the others on one shard know of each other. It matters after that shard has lost a piece of its
 * memory: then everybody who may have changed something in that piece has to replay, also those whom the memory itself
 * has forgotten. So a newcomer's changes are not acknowledged until all other members have heard of it.
 */
export class Membership {
  /** What the members have to say to each other. */
  readonly board = new NoticeBoard()
  readonly #id: string
  readonly #clock: Clock
  #epoch: Epoch = 0
  #list = 0
  #members: readonly string[] = []
  readonly #leftAt = new Map<string, number>()
  #joinedStamp = Number.POSITIVE_INFINITY
  #oldestStamp: number | undefined
  /** Members of the memory before that the present one did not know. */
  #missing: readonly string[] = []
  #report: ReplayReport | undefined

  constructor(id: string, clock: Clock) {
    this.#id = id
    this.#clock = clock
  }

  /** All that are alive, as of the last heartbeat. */
  get members(): readonly string[] {
    return this.#members
  }

  beat(leaves: boolean): Pick<Beat, 'member' | 'known' | 'report' | 'leaves' | 'notice' | 'ring' | 'versions'> {
    const known = this.#epoch === 0 ? undefined : { epoch: this.#epoch, list: this.#list }
    return { member: this.#id, known, report: this.#report, leaves, ...this.board.say() }
  }

  /** Takes in a heartbeat's answer; true when it tells of an epoch that is new to this sidecar. */
  heard(pulse: Pulse): boolean {
    const isNew = pulse.epoch !== this.#epoch
    if (isNew) {
      this.#forgetLongGone()
      const members = new Set(pulse.members)
      this.#missing = [...this.#members, ...this.#leftAt.keys()].filter((id) => id !== this.#id && !members.has(id))
      this.#report = undefined
      this.#epoch = pulse.epoch
    }
    if (pulse.joined) this.#joinedStamp = pulse.stamp
    // A memory may know this sidecar, and yet be of before all the others had heard of it; stamps go on from its own last.
    else if (isNew) this.#joinedStamp = Math.min(this.#joinedStamp, pulse.stamp)
    this.#oldestStamp = pulse.oldestStamp
    if (pulse.members !== undefined) this.#learn(pulse.members)
    this.#list = pulse.list
    if (pulse.past === undefined) this.#report = undefined
    this.board.heard(pulse, { me: this.#id, isNew, isSettled: this.settled })
    return isNew
  }

  /** Whether every other member has heard of this one. */
  get settled(): boolean {
    return this.#oldestStamp === undefined || this.#oldestStamp > this.#joinedStamp
  }

  /** To be said with the next heartbeats: that this sidecar's changes are in the present memory, or that they cannot be. */
  replayed(epoch: Epoch, forgot: boolean): void {
    if (epoch === this.#epoch) this.#report = { epoch, forgot, missing: this.#missing }
  }

  #learn(members: readonly string[]): void {
    const now = this.#clock.now()
    const present = new Set(members)
    for (const id of this.#members) if (!present.has(id)) this.#leftAt.set(id, now)
    for (const id of present) this.#leftAt.delete(id)
    this.#forgetLongGone()
    this.#members = members
  }

  #forgetLongGone(): void {
    const now = this.#clock.now()
    for (const [id, at] of this.#leftAt) if (now - at > LEFT_REMEMBERED_MS) this.#leftAt.delete(id)
  }
}
