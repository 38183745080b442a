import { type ClientReadableStream, credentials, Metadata } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import type { WarmProgress } from '../../src/cache/warm-tally.ts'
import type { WarmAsk, WarmCaller } from '../../src/cache/warming.ts'
import type { WarmProgress__Output } from '../../src/gen/ringside/v1/WarmProgress.ts'
import type { WarmRequest } from '../../src/gen/ringside/v1/WarmRequest.ts'
import { until } from '../support/until.ts'
import { Admin, failure } from './client.ts'
import { NO_TIER, type Rig, startRig, TOKEN } from './harness.ts'

interface Run {
  readonly ask: WarmAsk
  readonly caller: WarmCaller
  readonly end: (progress: WarmProgress) => void
  readonly fail: (error: RingsideError) => void
}

const FAR: WarmProgress = {
  ...{ loaded: 5, present: 3, missing: 1, failed: 1, done: 10, total: 20 },
  ...{ keysPerSecond: 12.5, leftMs: 800, cursor: '10', doneAtCursor: 9 },
  failures: [{ key: 'x', reason: 'VALUE_TOO_LARGE', message: 'the value has 9 bytes' }],
}

let rig: Rig
let runs: Run[]
let client: InstanceType<typeof Admin>

beforeEach(async () => {
  runs = []
  const run = (ask: WarmAsk, caller: WarmCaller) =>
    new Promise<WarmProgress>((end, fail) => runs.push({ ask, caller, end, fail }))
  rig = await startRig({ admin: { ...NO_TIER, warming: { run } } })
  client = new Admin(`unix:${rig.socket}`, credentials.createInsecure())
})

afterEach(async () => {
  client.close()
  await rig.close()
})

function warm(request: WarmRequest, stream: ClientReadableStream<WarmProgress__Output> = client.Warm(request)) {
  const messages: WarmProgress__Output[] = []
  stream.on('data', (message: WarmProgress__Output) => messages.push(message))
  const ended = new Promise<void>((resolve, reject) => stream.on('end', resolve).on('error', reject))
  ended.catch(() => undefined)
  return { stream, messages, ended }
}

async function under(request: WarmRequest) {
  const call = warm(request)
  await until('the call', () => runs.length === 1)
  return { ...call, run: runs[0] as Run }
}

describe('Admin.Warm', () => {
  it('streams how far it is, and ends with where it came to', async () => {
    const { run, messages, ended } = await under({
      keyspace: 'product',
      tenant: 'acme',
      keys: ['1', '2'],
      keys_per_second: 50,
    })
    expect(run.ask).toEqual({
      ...{ keyspace: 'product', tenant: 'acme', after: '', keysPerSecond: 50 },
      source: { from: 'keys', keys: ['1', '2'] },
    })
    run.caller.onProgress(FAR)
    await until('a message', () => messages.length === 1)
    expect(messages[0]).toEqual({
      ...{ loaded: 5, present: 3, missing: 1, failed: 1, done: 10, total: 20 },
      ...{ keys_per_second: 12.5, left_ms: 800, cursor: '10', done_at_cursor: 9 },
      failures: [{ key: 'x', reason: 'VALUE_TOO_LARGE', message: 'the value has 9 bytes' }],
    })
    run.end({ ...FAR, done: 20, leftMs: undefined, total: undefined })
    await ended
    expect(messages[1]).toMatchObject({ done: 20, total: 0, left_ms: 0 })
    expect(rig.meter.results).toStrictEqual(['Admin.Warm product done none'])
  })

  it.each([
    ['WARM_SOURCE_QUERY', 'query'],
    ['WARM_SOURCE_HOT', 'hot'],
  ] as const)('takes keys from %s, from a cursor on', async (source, from) => {
    const { run } = await under({ keyspace: 'product', source, after: '77' })
    expect(run.ask).toMatchObject({ source: { from }, after: '77', keysPerSecond: undefined })
    run.end(FAR)
  })

  it('fails in the middle as any call does', async () => {
    const { run, messages, ended } = await under({ keyspace: 'product' })
    run.caller.onProgress(FAR)
    await until('a message', () => messages.length === 1)
    run.fail(new RingsideError('ERRAND_UNDER_WAY', 'warm:product is under way', { retryAfterMs: 70 }))
    const failed = await failure(ended)
    expect(failed).toMatchObject({ code: 9, details: { ErrorInfo: { reason: 'ERRAND_UNDER_WAY' } } })
    expect(rig.meter.results).toStrictEqual(['Admin.Warm product errand_under_way none'])
  })

  it('is cancelled when its caller hangs up, and says nothing to it any more', async () => {
    const { run, stream } = await under({ keyspace: 'product' })
    expect(run.caller.signal.aborted).toBe(false)
    stream.cancel()
    await until('the hang-up', () => run.caller.signal.aborted)
    run.caller.onProgress(FAR)
    run.end(FAR)
    await until('the count', () => rig.meter.results.length === 1)
    expect(rig.meter.results).toStrictEqual(['Admin.Warm product cancelled none'])
  })

  it('refuses keys beside a source, and a source that is none', async () => {
    const both = warm({ keyspace: 'product', keys: ['1'], source: 'WARM_SOURCE_HOT' })
    expect(await failure(both.ended)).toMatchObject({ code: 3, details: { ErrorInfo: { reason: 'ARGUMENT_INVALID' } } })
    const none = warm({ keyspace: 'product', source: 9 as never })
    expect((await failure(none.ended)).message).toContain('source is 9')
    expect(runs).toEqual([])
  })

  it('is open over TCP to those with the token alone', async () => {
    const outside = new Admin(rig.tcp, credentials.createInsecure())
    const refused = warm({}, outside.Warm({ keyspace: 'product' }))
    expect((await failure(refused.ended)).code).toBe(7)
    expect(runs).toEqual([])
    const metadata = new Metadata()
    metadata.set('authorization', `Bearer ${TOKEN}`)
    const { ended } = warm({}, outside.Warm({ keyspace: 'product' }, metadata))
    await until('the call', () => runs.length === 1)
    runs[0]?.end(FAR)
    await ended
    outside.close()
  })

  it('does not hold up a server that drains', async () => {
    const { run, ended } = await under({ keyspace: 'product' })
    const drained = rig.server.drain(60_000)
    run.fail(new RingsideError('CANCELLED', 'the sidecar ends'))
    await drained
    expect((await failure(ended)).code).toBe(1)
  })
})
