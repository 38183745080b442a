import { type Client, credentials } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { Cache, CacheClient, call, failure, Health, Lock } from './client.ts'
import { deferred } from './deferred.ts'
import { answer } from './fake-cache.ts'
import { LIMITS, type Rig, startRig } from './harness.ts'
import { reflect } from './reflection.ts'

const PRODUCT = { keyspace: 'product', key: '1' }

let rig: Rig
const clients: Client[] = []

beforeEach(async () => {
  rig = await startRig()
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await rig.close()
})

function connect<C extends Client>(Kind: new (...args: ConstructorParameters<typeof Client>) => C): C {
  const client = new Kind(rig.tcp, credentials.createInsecure())
  clients.push(client)
  return client
}

/** Lets every Get hang until `finish` is called. */
function holdGets(on: Rig) {
  const held = deferred<void>()
  let started = 0
  on.cache.onGet = async () => {
    started += 1
    await held.promise
    return answer({ value: Buffer.from('late') })
  }
  return { started: () => started, finish: () => held.resolve() }
}

function health(service: string): Promise<{ status: string }> {
  return call(connect(Health), 'Check', { service })
}

/** A health watch that has its first status. */
async function watchHealth() {
  const seen: string[] = []
  const bytes = (message: Buffer) => message
  const watch = connect(Health).makeServerStreamRequest('/grpc.health.v1.Health/Watch', bytes, bytes, Buffer.alloc(0))
  const ended = new Promise((resolve, reject) => {
    watch.on('end', resolve)
    watch.on('error', reject)
  })
  // One field, number 1: the enum, 1 for serving.
  watch.on('data', (status: Buffer) => seen.push(status[1] === 1 ? 'SERVING' : 'NOT_SERVING'))
  await until('the first status', () => seen.length === 1)
  return { seen, ended }
}

describe('the gRPC server', () => {
  it('serves TCP and the Unix socket at the same time', async () => {
    const overSocket = new CacheClient(`unix:${rig.socket}`)
    clients.push(overSocket.client)
    await rig.client.set({ ...PRODUCT, value: Buffer.from('v') })
    expect((await overSocket.get(PRODUCT)).value.toString()).toBe('v')
    expect(rig.server.addresses()).toStrictEqual({ tcp: rig.tcp, socket: rig.socket })
  })

  it.each([
    ['Lock', Lock, 'Acquire'],
    ['Lock', Lock, 'Renew'],
    ['Lock', Lock, 'Release'],
  ])('refuses %s %#: the method of a later version, by name', async (service, Kind, name) => {
    const failed = await failure(call(connect(Kind as never), name, {}))
    expect(failed.code).toBe(12)
    expect(failed.message).toContain(`${service}.${name}`)
    expect(failed.details.ErrorInfo).toMatchObject({ reason: 'NOT_IMPLEMENTED' })
    expect(rig.meter.results).toStrictEqual([`${service}.${name}  not_implemented none`])
  })

  it('does not serve Origin, which is the part of the application', async () => {
    const client = connect(Cache)
    const echo = (bytes: Buffer) => bytes
    const ended = new Promise((resolve, reject) => {
      client.makeUnaryRequest('/ringside.v1.Origin/Load', echo, echo, Buffer.alloc(0), (error, response) =>
        error === null ? resolve(response) : reject(error),
      )
    })
    expect((await failure(ended)).code).toBe(12)
  })

  it('stops counting on an answer once its caller gave up, and stays fit', async () => {
    const held = holdGets(rig)
    const pending = rig.client.client.Get(PRODUCT, () => {})
    await until('the call', () => held.started() === 1)
    pending.cancel()
    await until('the count', () => rig.meter.results.length === 1)
    expect(rig.meter.results).toStrictEqual(['Get product cancelled none'])
    held.finish()
    await rig.client.get(PRODUCT)
    expect(rig.meter.results).toStrictEqual(['Get product cancelled none', 'Get product found near'])
  })

  it('ends a call at its deadline, and counts it as that', async () => {
    const held = holdGets(rig)
    const failed = await failure(rig.client.get(PRODUCT, { deadline: Date.now() + 50 }))
    expect(failed.code).toBe(4)
    await until('the count', () => rig.meter.results.length === 1)
    expect(rig.meter.results).toStrictEqual(['Get product deadline none'])
    held.finish()
  })

  it('refuses calls over the limit, with a time to retry', async () => {
    await rig.close()
    rig = await startRig({ limits: { ...LIMITS, inFlight: 2 } })
    const held = holdGets(rig)
    const pending = [rig.client.get(PRODUCT), rig.client.get(PRODUCT)]
    await until('both calls', () => held.started() === 2)
    expect(rig.server.inFlight()).toBe(2)
    const failed = await failure(rig.client.get(PRODUCT))
    expect(failed.code).toBe(8)
    expect(failed.details).toMatchObject({
      ErrorInfo: { reason: 'IN_FLIGHT_LIMIT' },
      RetryInfo: { retry_delay: { seconds: 0, nanos: 100_000_000 } },
    })
    held.finish()
    await Promise.all(pending)
    expect(rig.server.inFlight()).toBe(0)
  })

  it('keeps the answer to a batch from growing without end', async () => {
    rig.cache.onGet = () => answer({ value: Buffer.alloc(LIMITS.value * 7) })
    const requests = Array.from({ length: 3 }, () => PRODUCT)
    const client = new CacheClient(rig.tcp)
    clients.push(client.client)
    const { results } = await client.batchGet({ requests })
    expect(results.map(({ response, error }) => response?.value.length ?? error?.reason)).toStrictEqual([
      LIMITS.value * 7,
      LIMITS.value * 7,
      'VALUE_TOO_LARGE',
    ])
  })
})

describe('health', () => {
  it('follows readiness, as a whole and for the service that is served', async () => {
    expect(await health('')).toStrictEqual({ status: 'NOT_SERVING' })
    rig.server.setReady(true)
    expect(await health('')).toStrictEqual({ status: 'SERVING' })
    expect(await health('ringside.v1.Cache')).toStrictEqual({ status: 'SERVING' })
    rig.server.setReady(false)
    expect(await health('ringside.v1.Cache')).toStrictEqual({ status: 'NOT_SERVING' })
  })

  it('says that services of later versions are not serving, and knows no others', async () => {
    rig.server.setReady(true)
    expect(await health('ringside.v1.Lock')).toStrictEqual({ status: 'NOT_SERVING' })
    expect(await health('ringside.v1.Admin')).toStrictEqual({ status: 'SERVING' })
    expect((await failure(health('ringside.v1.Origin'))).code).toBe(5)
  })
})

describe('reflection', () => {
  it('lists the services that are served and describes their messages', async () => {
    const { services, files } = await reflect(rig.tcp, 'ringside.v1.Cache')
    expect(services.sort()).toStrictEqual([
      'grpc.health.v1.Health',
      'ringside.v1.Admin',
      'ringside.v1.Cache',
      'ringside.v1.Lock',
    ])
    const text = files.map((file) => file.toString('latin1')).join('')
    expect(text).toContain('BatchGetRequest')
    expect(text).toContain('max_staleness_ms')
  })
})

describe('drain', () => {
  it('lets a call in flight finish, takes no more, and leaves no socket behind', async () => {
    const held = holdGets(rig)
    rig.server.setReady(true)
    const pending = rig.client.get(PRODUCT)
    await until('the call', () => held.started() === 1)
    const drained = rig.server.drain(60_000)
    const late = new CacheClient(rig.tcp)
    clients.push(late.client)
    expect((await failure(late.get(PRODUCT))).code).toBe(14)
    held.finish()
    expect((await pending).value.toString()).toBe('late')
    await drained
    const overSocket = new CacheClient(`unix:${rig.socket}`)
    clients.push(overSocket.client)
    expect((await failure(overSocket.get(PRODUCT))).code).toBe(14)
  })

  it('tells health watchers before it ends their streams, and does not wait for them', async () => {
    rig.server.setReady(true)
    const watch = await watchHealth()
    await rig.server.drain(600_000)
    await watch.ended
    expect(watch.seen).toStrictEqual(['SERVING', 'NOT_SERVING'])
  })

  it('cuts off what is not finished in time', async () => {
    const held = holdGets(rig)
    const pending = failure(rig.client.get(PRODUCT))
    await until('the call', () => held.started() === 1)
    await rig.server.drain(1)
    expect([1, 14]).toContain((await pending).code)
    held.finish()
  })

  it('never becomes ready again', async () => {
    rig.server.setReady(true)
    const held = holdGets(rig)
    const watch = await watchHealth()
    const pending = rig.client.get(PRODUCT)
    await until('the call', () => held.started() === 1)
    const drained = rig.server.drain(60_000)
    rig.server.setReady(true)
    held.finish()
    await Promise.all([pending, drained, watch.ended])
    expect(watch.seen).toStrictEqual(['SERVING', 'NOT_SERVING'])
  })
})
