import type { Beat, Pulse, RingInUse } from './operations.ts'

/** The longest notice, in characters of its encoded form: it goes with every heartbeat to every shard. */
const LONGEST_NOTICE = 16_384

interface Said extends Pick<Beat, 'ring' | 'versions'> {
  readonly parts: ReadonlyMap<string, string>
}

const NOTHING: ReadonlyMap<string, string> = new Map()

/**
 * What the sidecars on one shard have to say to each other: texts under the names of parts, of which each has its own.
 * They go with the heartbeats and live as long as their member, so what somebody reads of another was so when that one
 * was last heard. What stays when its members have gone is the list of rings that came into use, and the
 * versions of keyspaces.
 */
export class NoticeBoard {
  #own: ReadonlyMap<string, string> = NOTHING
  #others: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map()
  #rings: readonly RingInUse[] = []
  #ring: Beat['ring']
  #versions = ''
  #said: Said | undefined
  #answered: ReadonlyMap<string, string> = NOTHING
  #isAnswered = false
  #isRejoined = false
  #isNewEpoch = false
  #isSettled = false
  readonly #listeners = new Set<() => void>()

  /** All other members that are alive, as of the last heartbeat, and their parts. */
  get others(): ReadonlyMap<string, ReadonlyMap<string, string>> {
    return this.#others
  }

  /** What the others say under this name; members who say nothing are left out. */
  read(part: string): ReadonlyMap<string, string> {
    const said = [...this.#others].flatMap(([member, parts]) => {
      const text = parts.get(part)
      return text === undefined ? [] : [[member, text] as const]
    })
    return new Map(said)
  }

  /** The rings that were in use, the present one last. */
  get rings(): readonly RingInUse[] {
    return this.#rings
  }

  /** Whether the shard was answering to what is said now, in its present epoch. */
  get isAnswered(): boolean {
    return this.#isAnswered
  }

  /** This sidecar's own part as the shard had it when it last answered. */
  answered(part: string): string | undefined {
    return this.#answered.get(part)
  }

  /** Whether this member was unknown, or forgotten, when its last heartbeat was answered. */
  get isRejoined(): boolean {
    return this.#isRejoined
  }

  /** Whether the last heartbeat was the first in its epoch to be answered. */
  get isNewEpoch(): boolean {
    return this.#isNewEpoch
  }

  /** Whether every other member has heard of this one. */
  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Says this with every heartbeat from now on; `''` = nothing. Throws a `RangeError` when that is too much. */
  post(part: string, text: string): void {
    if ((this.#own.get(part) ?? '') === text) return
    const own = new Map(this.#own)
    if (text === '') own.delete(part)
    else own.set(part, text)
    const { length } = encodeNotice(own)
    if (length > LONGEST_NOTICE) {
      throw new RangeError(`a notice of ${length} characters is longer than ${LONGEST_NOTICE}`)
    }
    this.#own = own
    this.#isAnswered = false
  }

  /** Has the shard remember the ring by which this member reads. */
  use(ring: NonNullable<Beat['ring']>): void {
    if (this.#ring?.number === ring.number && this.#ring.text === ring.text) return
    this.#ring = ring
    this.#isAnswered = false
  }

  /** Has the shard keep these versions of keyspaces; see `version-table.ts`. */
  keep(versions: string): void {
    if (this.#versions === versions) return
    this.#versions = versions
    this.#isAnswered = false
  }

  /** Called after each answered heartbeat. Returns what ends that. */
  onHeard(run: () => void): () => void {
    this.#listeners.add(run)
    return () => this.#listeners.delete(run)
  }

  /** To be sent with the next heartbeat. */
  say(): Pick<Beat, 'notice' | 'ring' | 'versions'> {
    const [ring, versions] = [this.#ring, this.#versions]
    this.#said = { parts: this.#own, ring, versions }
    return { notice: encodeNotice(this.#own), ring, versions }
  }

  /** Takes in the answer to the heartbeat with which was last said something; `isNew`: of an epoch that is new here. */
  heard(
    pulse: Pick<Pulse, 'members' | 'notices' | 'rings' | 'joined'>,
    { me, isNew, isSettled }: { readonly me: string; readonly isNew: boolean; readonly isSettled: boolean },
  ): void {
    this.#isSettled = isSettled
    if (pulse.members !== undefined) {
      const before = isNew ? new Map<string, ReadonlyMap<string, string>>() : this.#others
      const told = new Map(pulse.notices)
      const others = pulse.members.filter((member) => member !== me)
      this.#others = new Map(
        others.map((member) => {
          const text = told.get(member)
          return [member, text === undefined ? (before.get(member) ?? NOTHING) : decodeNotice(text)]
        }),
      )
    }
    if (pulse.rings !== undefined) this.#rings = pulse.rings
    this.#isRejoined = pulse.joined
    this.#isNewEpoch = isNew
    this.#answered = this.#said?.parts ?? NOTHING
    this.#isAnswered =
      this.#answered === this.#own && this.#said?.ring === this.#ring && this.#said?.versions === this.#versions
    for (const run of [...this.#listeners]) run()
  }
}

function encodeNotice(parts: ReadonlyMap<string, string>): string {
  return parts.size === 0 ? '' : JSON.stringify(Object.fromEntries(parts))
}

/** What cannot be understood says nothing: it may be of another release. */
function decodeNotice(text: string): ReadonlyMap<string, string> {
  try {
    const parts: unknown = JSON.parse(text)
    if (typeof parts !== 'object' || parts === null) return NOTHING
    return new Map(Object.entries(parts).filter((part): part is [string, string] => typeof part[1] === 'string'))
  } catch {
    return NOTHING
  }
}
