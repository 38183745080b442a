import type { ChannelCall } from './channel.ts'
import { checkNumbers } from './check-numbers.ts'
import {
  decodeAcquireResponse,
  decodeReleaseResponse,
  decodeRenewResponse,
  encodeAcquireRequest,
  encodeReleaseRequest,
  encodeRenewRequest,
  type RenewAnswer,
} from './lock-message.ts'

const ACQUIRE = '/ringside.v1.Lock/Acquire'
const RENEW = '/ringside.v1.Lock/Renew'
const RELEASE = '/ringside.v1.Lock/Release'

export interface LockOptions {
  readonly tenant?: string | undefined
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface AcquireOptions extends LockOptions {
  /** Milliseconds for which it is held unless it is renewed. */
  readonly ttlMs: number
  /** Milliseconds to wait while somebody else holds it; not at all if absent. */
  readonly waitMs?: number | undefined
  /** The same for each repetition of a call, so that they are granted the same lock. */
  readonly requestId?: string | undefined
}

/** A lock that is held. */
export interface AcquiredLock {
  readonly name: string
  readonly tenant: string | undefined
  /** Names this holding. */
  readonly token: string
  /** To be passed on to what the lock protects, which refuses a smaller one than it has seen. */
  readonly fencingToken: number
  /** Milliseconds for which it is held, as of when the sidecar answered. */
  readonly ttlMs: number
}

type Unary = <Answer>(
  path: string,
  message: Buffer,
  call: ChannelCall,
  decode: (bytes: Buffer) => Answer,
) => Promise<Answer>

/** Locks across the fleet. A holder that stands still for longer than the ttl has lost its lock without knowing it. */
export class LockCalls {
  readonly #unary: Unary
  readonly #timeoutMs: number

  constructor(unary: Unary, timeoutMs: number) {
    this.#unary = unary
    this.#timeoutMs = timeoutMs
  }

  /** `undefined`: somebody else had it all the time. The call has its time to wait on top of `timeoutMs`. */
  async acquire(name: string, options: AcquireOptions): Promise<AcquiredLock | undefined> {
    const { tenant, ttlMs, waitMs = 0, requestId, signal } = options
    checkNumbers({ ttlMs, waitMs })
    const message = encodeAcquireRequest({ name, tenant, ttlMs, waitMs, requestId })
    const call = { timeoutMs: options.timeoutMs ?? waitMs + this.#timeoutMs, signal }
    const { acquired, ...lock } = await this.#unary(ACQUIRE, message, call, decodeAcquireResponse)
    return acquired ? { name, tenant, ...lock } : undefined
  }

  /** Rejects with `LOCK_LOST` when it is not held any more. */
  renew(
    lock: Pick<AcquiredLock, 'name' | 'tenant' | 'token'>,
    ttlMs: number,
    options: Omit<LockOptions, 'tenant'> = {},
  ): Promise<RenewAnswer> {
    checkNumbers({ ttlMs })
    return this.#unary(RENEW, encodeRenewRequest({ ...lock, ttlMs }), this.#call(options), decodeRenewResponse)
  }

  /** False when it had fallen already. */
  release(
    lock: Pick<AcquiredLock, 'name' | 'tenant' | 'token'>,
    options: Omit<LockOptions, 'tenant'> = {},
  ): Promise<boolean> {
    return this.#unary(RELEASE, encodeReleaseRequest(lock), this.#call(options), decodeReleaseResponse)
  }

  #call({ timeoutMs, signal }: LockOptions): ChannelCall {
    return { timeoutMs: timeoutMs ?? this.#timeoutMs, signal }
  }
}
