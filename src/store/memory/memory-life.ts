import type { Rules } from '../../base/rules.ts'
import type { Epoch } from '../epoch.ts'
import type { Beat, Pulse, RingInUse } from '../operations.ts'
import { decodeVersions, encodeVersions, mergeVersions } from '../version-table.ts'

/** As in `redis/scripts/beat.lua`, which says the same in Lua. */
const QUARANTINE_MS = 10_000
const FORGOTTEN_MS = 15_000
const MOST_EPOCHS = 8
const MOST_RINGS = 4
const AHEAD_US = 1_000_000
/** With the rule `runId` off: a last heartbeat older than this makes a new epoch. */
const LOOKS_OLD_MS = 5_000

interface Life {
  run: string
  epoch: Epoch
  stamp: number
  beatAtMs: number
  accepted: readonly Epoch[]
  past: { epochs: readonly Epoch[]; last: Epoch; stamp: number } | undefined
  /** When the epoch began; 0 = nothing came before it. */
  sinceMs: number
  list: number
  floor: number
  beats: Map<string, number>
  seenMs: Map<string, number>
  /** Member → what it says, and the version of the list that first had it. */
  notices: Map<string, { readonly list: number; readonly text: string }>
  rings: readonly RingInUse[]
  versions: string
  /** Member → whether it has still to replay. */
  quarantine: Map<string, boolean>
}

/** The control keys of a server in process: its epochs, its stamp, and who is alive. */
export class MemoryLife {
  readonly #rules: Rules
  #life: Life | undefined

  constructor(rules: Rules) {
    this.#rules = rules
  }

  /** How far the heartbeats have come; `undefined` before the first. */
  get stamp(): { readonly epoch: Epoch; readonly stamp: number } | undefined {
    return this.#life && { epoch: this.#life.epoch, stamp: this.#life.stamp }
  }

  /** Which memory this is; `undefined` before the first heartbeat. */
  get present(): Pick<Life, 'epoch' | 'sinceMs'> | undefined {
    return this.#life && { epoch: this.#life.epoch, sinceMs: this.#life.sinceMs }
  }

  copy(): Life | undefined {
    const life = this.#life
    if (life === undefined) return undefined
    return {
      ...life,
      beats: new Map(life.beats),
      seenMs: new Map(life.seenMs),
      notices: new Map(life.notices),
      quarantine: new Map(life.quarantine),
    }
  }

  restore(copy: Life | undefined): void {
    this.#life = copy
    // A copy may be restored more than once.
    this.#life = this.copy()
  }

  beat(beat: Beat, run: string, nowMs: number): Pulse {
    const life = this.#lifeOf(beat, run, nowMs)
    life.stamp += 1
    life.beatAtMs = nowMs
    life.floor = Math.max(life.floor, beat.floor)
    const joined = beat.member !== '' && this.#count(life, beat, nowMs)
    if (beat.ring !== undefined) putInUse(life, beat.ring, nowMs)
    keepVersions(life, beat.versions)
    if (life.past !== undefined) this.#judgePast(life, beat, nowMs)
    const known = beat.known?.epoch === life.epoch ? beat.known.list : -1
    const isKnown = known === life.list
    const others = [...life.beats].filter(([member]) => member !== beat.member)
    return {
      stamp: life.stamp,
      epoch: life.epoch,
      epochAgeMs: life.sinceMs === 0 ? undefined : nowMs - life.sinceMs,
      accepted: life.accepted,
      past: life.past && { ...life.past },
      oldestStamp: others.length === 0 ? undefined : Math.min(...others.map(([, stamp]) => stamp)),
      joined,
      floor: life.floor,
      list: life.list,
      members: isKnown ? undefined : [...life.beats.keys()],
      notices: beat.member === '' || isKnown ? [] : noticesSince(life, known, beat.member),
      rings: isKnown || life.beats.size === 0 ? undefined : life.rings,
      versions: isKnown || life.beats.size === 0 ? undefined : life.versions,
    }
  }

  #lifeOf({ candidate, ends }: Beat, run: string, nowMs: number): Life {
    const old = this.#life
    const isSame = this.#rules.runId ? old?.run === run : nowMs - (old?.beatAtMs ?? 0) < LOOKS_OLD_MS
    const isEnded = old !== undefined && ends === old.epoch
    if (old !== undefined && isSame && !isEnded) return old
    const alive = [...(old?.beats.keys() ?? [])]
    this.#life = {
      ...(old ?? blank()),
      run,
      epoch: candidate,
      beatAtMs: nowMs,
      accepted: [],
      past:
        old === undefined || isEnded || alive.length === 0
          ? undefined
          : { epochs: [old.epoch, ...old.accepted].slice(0, MOST_EPOCHS), last: old.epoch, stamp: old.stamp },
      sinceMs: beginning(old, nowMs),
      quarantine: new Map(alive.map((member) => [member, true])),
    }
    return this.#life
  }

  /** Notes that the member is alive, or leaves; true when it was not one before. */
  #count(life: Life, { member, leaves, notice }: Beat, nowMs: number): boolean {
    const isNew = !life.beats.has(member)
    const forget = (id: string) => {
      life.seenMs.delete(id)
      life.notices.delete(id)
      if (life.beats.delete(id)) life.list += 1
    }
    if (leaves) forget(member)
    else {
      life.beats.set(member, life.stamp)
      life.seenMs.set(member, nowMs)
      if (isNew) life.list += 1
      if (isNew || (life.notices.get(member)?.text ?? '') !== notice) {
        life.list += 1
        life.notices.set(member, { list: life.list, text: notice })
      }
    }
    for (const [id, at] of life.seenMs) if (at <= nowMs - FORGOTTEN_MS) forget(id)
    return isNew && !leaves
  }

  #judgePast(life: Life, { member, report }: Beat, nowMs: number): void {
    if (report?.epoch === life.epoch) {
      for (const id of report.missing) if (!life.quarantine.has(id)) life.quarantine.set(id, true)
      life.quarantine.set(member, false)
      if (report.forgot) life.past = undefined
    }
    const mayAccept =
      !this.#rules.replayFirst || (report?.epoch === life.epoch && ![...life.quarantine.values()].includes(true))
    if (life.past !== undefined && mayAccept) {
      life.accepted = life.past.epochs
      life.past = undefined
    }
    if (nowMs - life.sinceMs > QUARANTINE_MS) life.past = undefined
  }
}

function beginning(former: Life | undefined, nowMs: number): number {
  return former === undefined ? 0 : nowMs
}

/** What a new epoch takes over from the one before, where there was one. */
function blank(): Pick<Life, 'stamp' | 'list' | 'floor' | 'beats' | 'seenMs' | 'notices' | 'rings' | 'versions'> {
  const [beats, seenMs, notices] = [new Map(), new Map(), new Map()]
  return { stamp: 0, list: 0, floor: 0, beats, seenMs, notices, rings: [], versions: '' }
}

function putInUse(life: Life, { number, text }: NonNullable<Beat['ring']>, nowMs: number): void {
  const last = life.rings.at(-1)
  if (last !== undefined && (number < last.number || (number === last.number && text <= last.text))) return
  const firstVersion = number === 0 ? 0 : Math.max(nowMs * 1_000, life.floor) + AHEAD_US
  life.rings = [...life.rings, { number: Math.max(1, number), firstVersion, text }].slice(-MOST_RINGS)
  life.list += 1
}

function keepVersions(life: Life, said: string): void {
  if (said === '' || said === life.versions) return
  const merged = encodeVersions(mergeVersions(decodeVersions(life.versions), decodeVersions(said)))
  if (merged === life.versions) return
  life.versions = merged
  life.list += 1
}

function noticesSince(life: Life, known: number, except: string): Pulse['notices'] {
  const changed = [...life.notices].filter(([member, { list }]) => member !== except && list > known)
  return changed.map(([member, { text }]) => [member, text])
}

export type LifeCopy = ReturnType<MemoryLife['copy']>
