import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { ProtoGrpcType } from '../../src/gen/origin.ts'
import type { LoadRequest__Output } from '../../src/gen/ringside/v1/LoadRequest.ts'
import type { LoadResponse } from '../../src/gen/ringside/v1/LoadResponse.ts'
import { GrpcOrigin } from '../../src/origin/grpc-origin.ts'
import { UnanswerableKeys } from '../../src/origin/origin-error.ts'
import { TaggedValue } from '../../src/origin/tagged-value.ts'
import { deferred } from './deferred.ts'
import { originContract, patient } from './origin-contract.ts'

type Call = ServerUnaryCall<LoadRequest__Output, LoadResponse>
type Reply = sendUnaryData<LoadResponse>
type Handler = (call: Call, reply: Reply) => void

const SCOPE = { keyspace: 'permissions', tenant: 'acme' }
const definition = loadSync('proto/ringside/v1/origin.proto', { keepCase: true, defaults: true })
const { service } = (loadPackageDefinition(definition) as unknown as ProtoGrpcType).ringside.v1.Origin

const servers: Server[] = []
const origins: GrpcOrigin[] = []
let directory: string

async function serve(handler: Handler, address = '127.0.0.1:0'): Promise<{ target: string; server: Server }> {
  const server = new Server()
  servers.push(server)
  server.addService(service, { Load: handler })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    )
  })
  return { target: address.startsWith('unix:') ? address : `127.0.0.1:${port}`, server }
}

function connect(target: string): GrpcOrigin {
  const origin = new GrpcOrigin({ name: 'app', target }, { clock: systemClock })
  origins.push(origin)
  return origin
}

function answering(values: ReadonlyMap<string, string>): Handler {
  return ({ request }, reply) => {
    const answers = request.keys.map((key) => {
      const value = values.get(key)
      return { key, found: value !== undefined, value: Buffer.from(value ?? 'ignored') }
    })
    reply(null, { values: answers })
  }
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringside-grpc-origin-'))
})

afterAll(() => {
  rmSync(directory, { recursive: true })
})

afterEach(async () => {
  for (const server of servers.splice(0)) server.forceShutdown()
  await Promise.all(origins.splice(0).map((origin) => origin.close()))
})

describe('GrpcOrigin', () => {
  originContract(async (values) => connect((await serve(answering(values))).target))

  it('reaches an app on a Unix socket', async () => {
    const { target } = await serve(answering(new Map([['1', 'one']])), `unix:${join(directory, 'app.sock')}`)
    const values = await connect(target).load(SCOPE, ['1'], patient())
    expect(values.get('1')?.toString()).toBe('one')
  })

  it('passes on keyspace, tenant and the deadline of the load', async () => {
    let seen: LoadRequest__Output | undefined
    let leftMs = 0
    const { target } = await serve((call, reply) => {
      seen = call.request
      leftMs = Number(call.getDeadline()) - systemClock.wall()
      answering(new Map())(call, reply)
    })
    await connect(target).load(SCOPE, ['1'], { ...patient(), deadlineAt: systemClock.now() + 20_000 })
    expect(seen).toEqual({ keyspace: 'permissions', tenant: 'acme', keys: ['1'] })
    expect(leftMs).toBeGreaterThan(10_000)
    expect(leftMs).toBeLessThanOrEqual(20_100)
  })

  it('serves any bytes, the empty value too', async () => {
    const bytes = Buffer.from([0, 255, 10, 128])
    const { target } = await serve((_, reply) => {
      reply(null, {
        values: [
          { key: '1', found: true, value: bytes },
          { key: '2', found: true, value: Buffer.alloc(0) },
        ],
      })
    })
    const values = await connect(target).load(SCOPE, ['1', '2'], patient())
    expect(values.get('1')).toEqual(bytes)
    expect(values.get('2')).toEqual(Buffer.alloc(0))
  })

  it('serves the tags that a value names, and takes those that are none for an error of that key', async () => {
    const { target } = await serve((_call, reply) => {
      const value = Buffer.from('v')
      const named = (key: string, tags: string[]) => ({ key, found: true, value, tags })
      reply(null, { values: [named('1', ['a', 'b']), named('2', []), named('3', ['a\nb'])] })
    })
    const values = await connect(target).load(SCOPE, ['1', '2', '3'], patient())
    expect(values.get('1')).toEqual(new TaggedValue(Buffer.from('v'), ['a', 'b']))
    expect(values.get('2')).toEqual(Buffer.from('v'))
    expect(values.get('3')).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
  })

  it('takes an answer larger than 4 MiB', async () => {
    const { target } = await serve(answering(new Map([['1', 'x'.repeat(6 * 1024 * 1024)]])))
    const values = await connect(target).load(SCOPE, ['1'], patient())
    expect(values.get('1')).toHaveLength(6 * 1024 * 1024)
  })

  it('takes a key that the answer leaves out for an error, never for "not found"', async () => {
    const { target } = await serve((_, reply) => reply(null, { values: [{ key: '1', found: false }] }))
    const values = await connect(target).load(SCOPE, ['1', '2'], patient())
    expect(values.has('1')).toBe(false)
    expect(values.get('2')).toMatchObject({
      reason: 'ORIGIN_UNAVAILABLE',
      message: 'origin app left a key out of its answer; it must name each, found or not',
    })
  })

  it('takes two answers for one key for an error of that key alone', async () => {
    const { target } = await serve((_, reply) => {
      const twice = [
        { key: '1', found: true, value: Buffer.from('a') },
        { key: '1', found: false },
      ]
      reply(null, { values: [...twice, { key: '2', found: true, value: Buffer.from('b') }] })
    })
    const values = await connect(target).load(SCOPE, ['1', '2'], patient())
    expect(values.get('1')).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    expect(values.get('2')?.toString()).toBe('b')
  })

  it.each([status.UNIMPLEMENTED, status.NOT_FOUND, status.INTERNAL, status.PERMISSION_DENIED])(
    'takes status %i for a failure of the origin',
    async (code) => {
      const { target } = await serve((_, reply) => reply({ code, details: 'no' }))
      const error = await connect(target)
        .load(SCOPE, ['1'], patient())
        .catch((error: unknown) => error)
      expect(error).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', message: `origin app failed (${status[code]})` })
      expect(error).toHaveProperty('cause.code', code)
      expect(error).not.toBeInstanceOf(UnanswerableKeys)
    },
  )

  it('takes INVALID_ARGUMENT for a key that the app cannot answer', async () => {
    const { target } = await serve((_, reply) => reply({ code: status.INVALID_ARGUMENT, details: 'no' }))
    const error = await connect(target)
      .load(SCOPE, ['1'], patient())
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(UnanswerableKeys)
    expect(error).toMatchObject({ reason: 'KEY_INVALID' })
  })

  it('cancels the call at the app when it is aborted', async () => {
    const arrived = deferred<Call>()
    const { target } = await serve((call) => arrived.resolve(call))
    const controller = new AbortController()
    const loading = connect(target)
      .load(SCOPE, ['1'], patient(controller.signal))
      .catch((error: unknown) => error)
    const call = await arrived.promise
    const cancelled = new Promise((resolve) => call.on('cancelled', resolve))
    controller.abort()
    expect(await loading).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', message: 'origin app failed (CANCELLED)' })
    await cancelled
  })

  it('starts without its app, fails while it is away, and finds it when it comes', async () => {
    const path = `unix:${join(directory, 'late.sock')}`
    const origin = connect(path)
    await origin.start()
    await expect(origin.load(SCOPE, ['1'], patient())).rejects.toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    await serve(answering(new Map([['1', 'here']])), path)
    let value: string | undefined
    while (value === undefined) {
      const values = await origin.load(SCOPE, ['1'], patient()).catch(() => undefined)
      value = values?.get('1')?.toString()
    }
    expect(value).toBe('here')
  })

  it('finishes what is under way before it closes', async () => {
    const arrived = deferred<Reply>()
    const { target } = await serve((_, reply) => arrived.resolve(reply))
    const origin = connect(target)
    const loading = origin.load(SCOPE, ['1'], patient())
    const reply = await arrived.promise
    const closing = origin.close()
    reply(null, { values: [{ key: '1', found: true, value: Buffer.from('last') }] })
    expect((await loading).get('1')?.toString()).toBe('last')
    await closing
  })
})
