import { credentials } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import type { AcquireLock, HeldLock, LockCaller } from '../../src/cache/locks.ts'
import { call, failure, Lock } from './client.ts'
import { type Rig, startRig } from './harness.ts'

const TOKEN = Buffer.alloc(16, 0xfb)
const TEXT = TOKEN.toString('base64url')

/** Locks that answer what the test says, and remember what they were asked. */
class ScriptedLocks {
  readonly asked: unknown[] = []
  readonly callers: LockCaller[] = []
  acquired = true
  lost = false

  async acquire(request: AcquireLock, caller: LockCaller) {
    this.asked.push(request)
    this.callers.push(caller)
    if (!this.acquired) return { acquired: false, standsMs: 12.7 } as const
    return { acquired: true, token: TOKEN, fencing: 9_007_199_254_740_990, standsMs: 999.9 } as const
  }

  async renew(lock: HeldLock, ttlMs: number) {
    this.asked.push({ ...lock, ttlMs })
    if (this.lost) throw new RingsideError('LOCK_LOST', 'lost')
    return { fencing: 7, standsMs: 500 }
  }

  async release(lock: HeldLock) {
    this.asked.push(lock)
    return !this.lost
  }
}

let rig: Rig
let client: InstanceType<typeof Lock>

async function served(locks: ScriptedLocks | undefined) {
  rig = await startRig({ locks })
  client = new Lock(rig.tcp, credentials.createInsecure())
}

afterEach(async () => {
  client.close()
  await rig.close()
})

describe('ringside.v1.Lock', () => {
  it('passes on what is asked for, and answers what became of it', async () => {
    const locks = new ScriptedLocks()
    await served(locks)
    const request = { name: 'report', tenant: 'acme', ttl_ms: 1_000, wait_ms: 50, request_id: 'r' }
    expect(await call(client, 'Acquire', request)).toEqual({
      acquired: true,
      lock_token: TEXT,
      fencing_token: 9_007_199_254_740_990,
      // Never more than there is.
      ttl_ms: 999,
    })
    const held = { name: 'report', tenant: 'acme', lock_token: TEXT }
    expect(await call(client, 'Renew', { ...held, ttl_ms: 500 })).toEqual({ fencing_token: 7, ttl_ms: 500 })
    expect(await call(client, 'Release', held)).toEqual({ released: true })
    const lock = { name: 'report', tenant: 'acme' }
    expect(locks.asked).toEqual([
      { ...lock, ttlMs: 1_000, waitMs: 50, requestId: 'r' },
      { ...lock, token: TOKEN, ttlMs: 500 },
      { ...lock, token: TOKEN },
    ])
    expect(rig.meter.results).toEqual([
      'Lock.Acquire  acquired none',
      'Lock.Renew  renewed none',
      'Lock.Release  released none',
    ])
  })

  it('says that somebody else has it, and for how long', async () => {
    const locks = new ScriptedLocks()
    locks.acquired = false
    await served(locks)
    const nothing = { acquired: false, lock_token: '', fencing_token: 0, ttl_ms: 12 }
    expect(await call(client, 'Acquire', { name: 'report', ttl_ms: 1_000 })).toEqual(nothing)
  })

  it('fails a renewal of what is not held any more, and no release', async () => {
    const locks = new ScriptedLocks()
    locks.lost = true
    await served(locks)
    const held = { name: 'report', lock_token: TEXT }
    expect(await failure(call(client, 'Renew', { ...held, ttl_ms: 500 }))).toMatchObject({
      code: 9,
      details: { ErrorInfo: { reason: 'LOCK_LOST' } },
    })
    expect(await call(client, 'Release', held)).toEqual({ released: false })
  })

  it('tells of a caller that hangs up', async () => {
    const locks = new ScriptedLocks()
    await served(locks)
    const gone = new Promise<void>((resolve) => {
      locks.acquire = (_request, caller) => {
        caller.onGone(resolve)
        pending.cancel()
        return new Promise(() => undefined)
      }
    })
    const pending = client.Acquire({ name: 'report', ttl_ms: 1_000 }, () => undefined)
    await gone
  })

  it.each(['', 'short', `${TEXT}x`, `${TEXT.slice(1)}+`])('refuses the token %j, which is none', async (token) => {
    await served(new ScriptedLocks())
    for (const method of ['Renew', 'Release']) {
      const refused = await failure(call(client, method, { name: 'report', lock_token: token, ttl_ms: 500 }))
      expect(refused).toMatchObject({ code: 3, details: { ErrorInfo: { reason: 'ARGUMENT_INVALID' } } })
    }
  })

  it('refuses politely where there are no locks', async () => {
    await served(undefined)
    for (const method of ['Acquire', 'Renew', 'Release']) {
      const refused = await failure(call(client, method, { name: 'report' }))
      expect(refused).toMatchObject({ code: 12, details: { ErrorInfo: { reason: 'NOT_IMPLEMENTED' } } })
      expect(refused.message).toContain('locks: { enabled: true }')
    }
  })
})
