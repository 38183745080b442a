import type { Epoch } from '../epoch.ts'
import type { LockAcquire, LockAcquired, LockRelease, LockRenew, LockRenewed } from '../fenced-lock.ts'
import type { MemoryClient, MemoryTracking } from './memory-tracking.ts'

/** As in `redis/scripts/lock-record.lua`. */
const SILENT_MS = 2_000
const KEPT_MS = 3_600_000

interface Lock {
  readonly epoch: Epoch
  readonly fencing: number
  /** Until when it is held; 0 = it is free. */
  readonly expiryMs: number
  /** How often it was granted to this holder. */
  readonly answers: number
  readonly token: Buffer
  /** Of the request. */
  readonly id: Buffer
}

interface Kept {
  readonly lock: Lock
  readonly goneAtMs: number
}

/** Who waits for one lock, the first one first: id → until when it counts. */
type Waiting = Map<string, number>

/**
 * Locks with fencing tokens on one server (Kleppmann, "How to do distributed locking", 2016; Burrows, "The Chubby lock
 * service", OSDI 2006: sequencers).
 *
 * - A token is larger than every one before: than the last one's, than this server's TIME, than whatever any sidecar has
 *   seen anywhere. So it grows also where the record was lost.
 * - What was written in another epoch, or under another ring, may lack a later holder: until every such holding must be
 *   over nobody is granted the lock. A holder whose sidecar knows by its own clock that the holding has never ended is
 *   believed, and goes on holding it.
 * - A lock that is free falls to the first in the line; whoever was silent for two seconds has left it.
 */
export class FencedLocks {
  readonly #tracking: MemoryTracking
  readonly #timeUs: () => number
  #locks: Map<string, Kept>
  #lines: Map<string, Waiting>

  constructor(
    parts: { readonly tracking: MemoryTracking; readonly timeUs: () => number },
    locks: ReadonlyMap<string, Kept> = new Map(),
    lines: ReadonlyMap<string, Waiting> = new Map(),
  ) {
    this.#tracking = parts.tracking
    this.#timeUs = parts.timeUs
    this.#locks = new Map(locks)
    this.#lines = new Map([...lines].map(([name, line]) => [name, new Map(line)]))
  }

  copy(): FencedLocks {
    return new FencedLocks({ tracking: this.#tracking, timeUs: this.#timeUs }, this.#locks, this.#lines)
  }

  acquire(ask: LockAcquire, client: MemoryClient): LockAcquired {
    const { record, id, token, ttlMs, epoch, floor } = ask
    const now = this.#nowMs()
    if (now >= ask.tooLateMs) return { outcome: 'late' }
    const lock = this.#read(record, now)
    this.#tracking.add(record, client)
    const isKnown = lock !== undefined && known(lock, ask)
    if (isKnown && lock.id.equals(id) && lock.expiryMs > now) {
      const expiryMs = Math.max(lock.expiryMs, now + Math.ceil(ttlMs))
      return this.#grant(ask, { ...lock, expiryMs, answers: lock.answers + 1 })
    }
    const line = this.#line(ask.line, now)
    const freeAtMs = isKnown ? lock.expiryMs : this.#opensAtMs(lock, ask, now)
    const [first] = line.keys()
    if (freeAtMs <= now && (first === undefined || first === name(id))) {
      const fencing = Math.max(Math.floor(this.#timeUs()), lock === undefined ? 0 : lock.fencing + 1, floor)
      return this.#grant(ask, { epoch, fencing, expiryMs: now + Math.ceil(ttlMs), answers: 1, token, id })
    }
    if (ask.waitMs > 0) line.set(name(id), now + Math.min(Math.ceil(ask.waitMs), SILENT_MS))
    else line.delete(name(id))
    return { outcome: 'busy', leftMs: Math.max(0, freeAtMs - now), place: [...line.keys()].indexOf(name(id)) }
  }

  renew({ record, token, id, ttlMs, epoch, leastFencing, sureFencing }: LockRenew): LockRenewed {
    const now = this.#nowMs()
    const lock = this.#read(record, now)
    const isKnown = lock !== undefined && known(lock, { epoch, leastFencing })
    const expiryMs = now + Math.ceil(ttlMs)
    if (!isKnown && sureFencing > 0 && (lock === undefined || lock.fencing <= sureFencing)) {
      this.#write(record, { epoch, fencing: sureFencing, expiryMs, answers: 1, token, id })
      return { outcome: 'renewed', fencing: sureFencing }
    }
    if (!isKnown || !lock.token.equals(token) || lock.expiryMs <= now) return { outcome: 'lost' }
    this.#write(record, { ...lock, expiryMs })
    return { outcome: 'renewed', fencing: lock.fencing }
  }

  /** False when it had fallen, or is another's. */
  release(ask: LockRelease): boolean {
    const { record, token, id, answers, epoch, sureFencing } = ask
    const now = this.#nowMs()
    const hasLeft = id !== undefined && (this.#lines.get(ask.line)?.delete(name(id)) ?? false)
    const lock = this.#read(record, now)
    if (lock === undefined || (!known(lock, ask) && !(sureFencing > 0 && lock.fencing <= sureFencing))) return false
    const stands = lock.expiryMs > now
    if (lock.token.equals(token) && (!stands || answers === undefined || lock.answers === answers)) {
      // That it is free is known from now on, whatever came before.
      this.#write(record, { ...lock, epoch, fencing: Math.max(lock.fencing, ask.leastFencing), expiryMs: 0 })
      return stands
    }
    // Those behind it hear of a change of the record, not of one of the line.
    if (hasLeft && !stands) this.#write(record, lock)
    return false
  }

  #nowMs(): number {
    return Math.floor(this.#timeUs() / 1_000)
  }

  #opensAtMs(lock: Lock | undefined, { opensInMs, mostTtlMs }: LockAcquire, now: number): number {
    const held = lock === undefined ? 0 : Math.min(lock.expiryMs, now + Math.ceil(mostTtlMs))
    return Math.max(now + Math.ceil(opensInMs), held)
  }

  #grant(ask: LockAcquire, lock: Lock): LockAcquired {
    this.#lines.get(ask.line)?.delete(name(ask.id))
    this.#write(ask.record, lock)
    return { outcome: 'granted', token: lock.token, fencing: lock.fencing, answers: lock.answers }
  }

  #line(key: string, now: number): Waiting {
    const line = this.#lines.get(key) ?? new Map<string, number>()
    for (const [id, until] of line) if (until <= now) line.delete(id)
    this.#lines.set(key, line)
    return line
  }

  #read(key: string, now: number): Lock | undefined {
    const kept = this.#locks.get(key)
    return kept !== undefined && kept.goneAtMs > now ? kept.lock : undefined
  }

  #write(key: string, lock: Lock): void {
    const now = this.#nowMs()
    for (const [other, { goneAtMs }] of this.#locks) if (goneAtMs <= now) this.#locks.delete(other)
    for (const [other, line] of this.#lines) if (line.size === 0) this.#lines.delete(other)
    this.#locks.set(key, { lock, goneAtMs: lock.expiryMs > now ? Number.POSITIVE_INFINITY : now + KEPT_MS })
    this.#tracking.tell(key)
  }
}

const name = (id: Buffer) => id.toString('hex')

/** What was written in another epoch, or under another ring, may lack what came after it. */
function known(lock: Lock, { epoch, leastFencing }: Pick<LockAcquire, 'epoch' | 'leastFencing'>): boolean {
  return lock.epoch === epoch && lock.fencing >= leastFencing
}
