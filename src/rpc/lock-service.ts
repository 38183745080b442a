import { RingsideError } from '../base/errors.ts'
import type { Locks } from '../cache/locks.ts'
import type { AcquireRequest__Output } from '../gen/ringside/v1/AcquireRequest.ts'
import type { AcquireResponse__Output } from '../gen/ringside/v1/AcquireResponse.ts'
import type { ReleaseRequest__Output } from '../gen/ringside/v1/ReleaseRequest.ts'
import type { ReleaseResponse__Output } from '../gen/ringside/v1/ReleaseResponse.ts'
import type { RenewRequest__Output } from '../gen/ringside/v1/RenewRequest.ts'
import type { RenewResponse__Output } from '../gen/ringside/v1/RenewResponse.ts'
import { failedOutcome, type Method, type Service } from './call.ts'

const TOKEN = /^[A-Za-z0-9_-]{22}$/
const LONGEST_REQUEST_ID = 256

/** `ringside.v1.Lock`; `undefined` where the configuration does not say that there are locks. */
export function lockService(locks: Pick<Locks, 'acquire' | 'renew' | 'release'> | undefined): Service {
  const name = 'ringside.v1.Lock'
  if (locks === undefined) return { name, methods: {}, off: 'is off; it needs `locks: { enabled: true }`' }
  return { name, methods: { Acquire: acquire(locks), Renew: renew(locks), Release: release(locks) } }
}

function acquire(locks: Pick<Locks, 'acquire'>): Method<AcquireRequest__Output, AcquireResponse__Output> {
  return {
    name: 'Lock.Acquire',
    async run({ name, tenant, ttl_ms: ttlMs, wait_ms: waitMs, request_id: requestId }, call) {
      if (requestId.length > LONGEST_REQUEST_ID) {
        throw invalid('request_id', `has ${requestId.length} characters; at most ${LONGEST_REQUEST_ID} are allowed`)
      }
      const acquisition = await locks.acquire({ name, tenant, ttlMs, waitMs, requestId }, call)
      const ttl_ms = wholeMs(acquisition.standsMs)
      if (!acquisition.acquired) return { acquired: false, lock_token: '', fencing_token: 0, ttl_ms }
      const { token, fencing } = acquisition
      return { acquired: true, lock_token: token.toString('base64url'), fencing_token: fencing, ttl_ms }
    },
    count: counting('Lock.Acquire', ({ acquired }) => (acquired ? 'acquired' : 'busy')),
  }
}

function renew(locks: Pick<Locks, 'renew'>): Method<RenewRequest__Output, RenewResponse__Output> {
  return {
    name: 'Lock.Renew',
    async run({ name, tenant, lock_token: token, ttl_ms: ttlMs }) {
      const { fencing, standsMs } = await locks.renew({ name, tenant, token: tokenIn(token) }, ttlMs)
      return { fencing_token: fencing, ttl_ms: wholeMs(standsMs) }
    },
    count: counting('Lock.Renew', () => 'renewed'),
  }
}

function release(locks: Pick<Locks, 'release'>): Method<ReleaseRequest__Output, ReleaseResponse__Output> {
  return {
    name: 'Lock.Release',
    async run({ name, tenant, lock_token: token }) {
      return { released: await locks.release({ name, tenant, token: tokenIn(token) }) }
    },
    count: counting('Lock.Release', ({ released }) => (released ? 'released' : 'fallen')),
  }
}

/** Locks belong to no keyspace. */
function counting<Response extends object>(
  method: string,
  outcomeOf: (response: Response) => string,
): Method<unknown, Response>['count'] {
  return (meter, _request, ending) => {
    const outcome = ending instanceof RingsideError ? failedOutcome(ending.reason) : outcomeOf(ending)
    meter.count(method, '', outcome, 'none')
  }
}

function tokenIn(text: string): Buffer {
  if (TOKEN.test(text)) return Buffer.from(text, 'base64url')
  throw invalid('lock_token', 'is not one from an AcquireResponse; pass that on as it is')
}

function invalid(field: string, flaw: string): RingsideError {
  return new RingsideError('ARGUMENT_INVALID', `${field} ${flaw}`, { metadata: { field } })
}

/** What is left is never said to be more than it is. */
function wholeMs(ms: number): number {
  return Math.max(0, Math.floor(ms))
}
