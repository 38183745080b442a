import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AdminGate } from '../../src/rpc/admin-gate.ts'
import { bearerTokenOf } from '../../src/rpc/bearer-token.ts'
import { ENGINE_NAMES } from '../support/engines.ts'
import { Admin, failure } from './client.ts'
import { type Rig, startRig, TOKEN } from './harness.ts'

/** Stands for any call of `Admin` that changes something: it is refused later, by another reason, where it is let in. */
const METHOD = 'Flush'

describe.each(ENGINE_NAMES)('a call of Admin that changes something: %s', (engine) => {
  let rig: Rig

  beforeEach(async () => {
    rig = await startRig({ engine })
  })

  afterEach(() => rig.close())

  async function asked(target: string, authorization?: string) {
    const admin = new Admin(target, credentials.createInsecure())
    const metadata = new Metadata()
    if (authorization !== undefined) metadata.set('authorization', authorization)
    try {
      return await failure(
        new Promise((resolve, reject) => {
          admin[METHOD]({}, metadata, (error: ServiceError | null, response?: unknown) =>
            error === null ? resolve(response) : reject(error),
          )
        }),
      )
    } finally {
      admin.close()
    }
  }

  it('is refused over TCP without a token, and told both ways to be let in', async () => {
    const { code, message, details } = await asked(rig.tcp)
    expect(code).toBe(status.PERMISSION_DENIED)
    expect(details.ErrorInfo).toMatchObject({ reason: 'ADMIN_FORBIDDEN', metadata: { method: `Admin.${METHOD}` } })
    expect(message).toContain('listen.socket')
    expect(message).toContain('admin.tokenFile')
    expect(rig.meter.results).toEqual([`Admin.${METHOD}  admin_forbidden none`])
  })

  it('is refused over TCP with another token, however alike', async () => {
    for (const token of [`${TOKEN}x`, TOKEN.slice(0, -1), TOKEN.toUpperCase()]) {
      expect((await asked(rig.tcp, `Bearer ${token}`)).code).toBe(status.PERMISSION_DENIED)
    }
    expect((await asked(rig.tcp, TOKEN)).code).toBe(status.PERMISSION_DENIED)
  })

  it('is let in over TCP with the token', async () => {
    expect((await asked(rig.tcp, `Bearer ${TOKEN}`)).code).not.toBe(status.PERMISSION_DENIED)
  })

  it('is let in on the Unix socket without one', async () => {
    expect((await asked(`unix:${rig.socket}`)).code).not.toBe(status.PERMISSION_DENIED)
  })
})

describe('the gate of Admin', () => {
  const call = { deadlineAt: Number.POSITIVE_INFINITY, caller: '', isLocal: false, onGone: () => undefined }

  it('has no right token while there is none, not even the empty one', () => {
    const gate = new AdminGate({ token: () => undefined })
    for (const token of ['', 'undefined', 'x']) {
      expect(() => gate.check('Admin.Warm', { ...call, token })).toThrow(
        expect.objectContaining({ reason: 'ADMIN_FORBIDDEN' }),
      )
    }
  })

  it('asks for the token at each call, so that it can be changed', () => {
    let token = 'one'
    const gate = new AdminGate({ token: () => token })
    gate.check('Admin.Warm', { ...call, token: 'one' })
    token = 'two'
    expect(() => gate.check('Admin.Warm', { ...call, token: 'one' })).toThrow()
    gate.check('Admin.Warm', { ...call, token: 'two' })
  })
})

describe('the token of a call', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer   abc ', 'abc'],
    ['Basic abc', ''],
    ['abc', ''],
    ['', ''],
  ])('of `authorization: %s` is `%s`', (field, token) => {
    const metadata = new Metadata()
    if (field !== '') metadata.set('authorization', field)
    expect(bearerTokenOf(metadata)).toBe(token)
  })
})
