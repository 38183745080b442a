import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { RingsideError } from '../../src/base/errors.ts'
import type { ProtoGrpcType } from '../../src/gen/origin.ts'
import type { StoreRequest__Output } from '../../src/gen/ringside/v1/StoreRequest.ts'
import type { StoreResponse } from '../../src/gen/ringside/v1/StoreResponse.ts'
import { GrpcOrigin } from '../../src/origin/grpc-origin.ts'
import type { LoadContext, OriginChange } from '../../src/origin/origin.ts'
import { ChangesCollided, ChangesRefused } from '../../src/origin/origin-error.ts'
import { patient } from './origin-contract.ts'

type Call = ServerUnaryCall<StoreRequest__Output, StoreResponse>
type Handler = (call: Call, reply: sendUnaryData<StoreResponse>) => void

const SCOPE = { keyspace: 'product', tenant: 'acme' }
const CHANGES: readonly OriginChange[] = [
  { key: 'a', version: 7, value: Buffer.from([0, 255]) },
  { key: 'b', version: 0, deleted: true },
]
const options = { keepCase: true, defaults: true, oneofs: true, longs: Number }
const definition = loadSync('proto/ringside/v1/origin.proto', options)
const { service } = (loadPackageDefinition(definition) as unknown as ProtoGrpcType).ringside.v1.Origin

const closers: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function appThat(store: Handler): Promise<GrpcOrigin> {
  const server = new Server()
  server.addService(service, { Store: store })
  closers.push(() => server.forceShutdown())
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    )
  })
  const origin = new GrpcOrigin({ name: 'app', target: `127.0.0.1:${port}` }, { clock: systemClock })
  closers.push(() => origin.close())
  return origin
}

const failureOf = (origin: GrpcOrigin, context: LoadContext = patient()) =>
  origin.store(SCOPE, CHANGES, context).catch((error: RingsideError) => error)

describe('GrpcOrigin that stores', () => {
  it('hands over every change as it is, with a deadline', async () => {
    const calls: Call[] = []
    const origin = await appThat((call, reply) => {
      calls.push(call)
      reply(null, {})
    })
    await origin.store(SCOPE, CHANGES, patient())
    expect(calls[0]?.request).toMatchObject({
      ...SCOPE,
      changes: [
        { key: 'a', version: 7, change: 'value', value: Buffer.from([0, 255]) },
        { key: 'b', version: 0, change: 'delete', delete: true },
      ],
    })
    expect(calls[0]?.getDeadline()).not.toBe(Number.POSITIVE_INFINITY)
  })

  it.each([
    [status.INVALID_ARGUMENT, 'WRITE_REFUSED', 'unchanged'],
    [status.FAILED_PRECONDITION, 'WRITE_REFUSED', 'unchanged'],
    [status.ALREADY_EXISTS, 'WRITE_REFUSED', 'unchanged'],
    [status.OUT_OF_RANGE, 'WRITE_REFUSED', 'unchanged'],
    [status.ABORTED, 'ORIGIN_UNAVAILABLE', 'unchanged'],
    [status.UNIMPLEMENTED, 'ORIGIN_UNAVAILABLE', 'unchanged'],
    [status.PERMISSION_DENIED, 'ORIGIN_UNAVAILABLE', 'unchanged'],
    [status.UNAUTHENTICATED, 'ORIGIN_UNAVAILABLE', 'unchanged'],
    [status.UNAVAILABLE, 'ORIGIN_UNAVAILABLE', 'unknown'],
    [status.INTERNAL, 'ORIGIN_UNAVAILABLE', 'unknown'],
    [status.UNKNOWN, 'ORIGIN_UNAVAILABLE', 'unknown'],
    [status.DEADLINE_EXCEEDED, 'ORIGIN_UNAVAILABLE', 'unknown'],
    [status.RESOURCE_EXHAUSTED, 'ORIGIN_UNAVAILABLE', 'unknown'],
  ])('takes status %i for %s, with an outcome that is %s', async (code, reason, outcome) => {
    const failure = await failureOf(await appThat((_call, reply) => reply({ code, details: 'secret' })))
    expect(failure).toMatchObject({ reason, metadata: { origin: 'app', outcome } })
    expect((failure as RingsideError).message).not.toContain('secret')
    expect(failure instanceof ChangesRefused).toBe(reason === 'WRITE_REFUSED')
    expect(failure instanceof ChangesCollided).toBe(code === status.ABORTED)
  })

  it('cancels a call that is given up, whose outcome nobody knows', async () => {
    const gaveUp = new AbortController()
    let cancelled: () => void = () => {}
    const wasCancelled = new Promise<void>((resolve) => {
      cancelled = resolve
    })
    const origin = await appThat((call) => {
      call.on('cancelled', cancelled)
      gaveUp.abort()
    })
    expect(await failureOf(origin, patient(gaveUp.signal))).toMatchObject({ metadata: { outcome: 'unknown' } })
    await wasCancelled
  })

  it('knows that a call it never made has changed nothing', async () => {
    const origin = await appThat(() => expect.unreachable())
    expect(await failureOf(origin, patient(AbortSignal.abort()))).toMatchObject({ metadata: { outcome: 'unchanged' } })
    await origin.close()
    expect(await failureOf(origin)).toMatchObject({
      reason: 'ORIGIN_UNAVAILABLE',
      metadata: { outcome: 'unchanged' },
    })
  })
})
