import { describe, expect, it } from 'vitest'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { WireStatus } from '../../src/wire/grpc/wire-status.ts'
import { type ScriptedCall, ScriptedChannel } from './scripted-channel.ts'

const found = ({ key }: { key: string }) => ({ outcome: 'OUTCOME_FOUND', value: Buffer.from(key), version: 1 })
const answers = ({ method, request }: ScriptedCall) =>
  method === 'Get'
    ? found(request)
    : { results: request.requests.map((one: { key: string }) => ({ response: found(one) })) }

const clientOf = (channel: ScriptedChannel, joinFrom = 4) => new RingsideClient({ channel, joinFrom, timeoutMs: 700 })
const keysOf = (count: number) => Array.from({ length: count }, (_, index) => `k${index}`)
const textOf = ({ value }: { value: Buffer }) => String(value)

describe('gets of one turn', () => {
  it('go alone below the number from which they join, and as one batch from it on', async () => {
    const channel = new ScriptedChannel(answers)
    const client = clientOf(channel)
    expect((await Promise.all(keysOf(3).map((key) => client.get('s', key)))).map(textOf)).toEqual(keysOf(3))
    expect(channel.calls.map(({ method }) => method)).toEqual(['Get', 'Get', 'Get'])
    expect((await Promise.all(keysOf(4).map((key) => client.get('s', key)))).map(textOf)).toEqual(keysOf(4))
    expect(channel.calls.slice(3).map(({ method }) => method)).toEqual(['BatchGet'])
    expect(client.stats()).toMatchObject({ batches: 1, joined: 4 })
  })

  it('are never more than a hundred in a batch, so that few wait for one slow key', async () => {
    const channel = new ScriptedChannel(answers)
    const client = clientOf(channel)
    await Promise.all(keysOf(250).map((key) => client.get('s', key)))
    expect(channel.calls.map(({ request }) => request.requests.length)).toEqual([100, 100, 50])
  })

  it('join also when they follow from the answers of one read', async () => {
    const channel = new ScriptedChannel(answers)
    const client = clientOf(channel)
    const twice = async (key: string) => textOf(await client.get('s', textOf(await client.get('s', key))))
    expect(await Promise.all(keysOf(10).map(twice))).toEqual(keysOf(10))
    expect(channel.calls.map(({ request }) => request.requests.length)).toEqual([10, 10])
  })

  it('take their own bounds along', async () => {
    const channel = new ScriptedChannel(answers)
    const client = clientOf(channel, 2)
    await Promise.all([
      client.get('s', 'a', { maxStalenessMs: 0, tenant: 't' }),
      client.get('s', 'b', { minVersion: 9 }),
    ])
    expect(channel.calls[0]?.request.requests).toMatchObject([
      { key: 'a', tenant: 't', max_staleness_ms: 0 },
      { key: 'b', min_version: 9 },
    ])
    expect(channel.calls[0]?.call.timeoutMs).toBe(700)
  })

  it('go alone when they have a timeout or a signal of their own', async () => {
    const channel = new ScriptedChannel(answers)
    const client = clientOf(channel, 1)
    const { signal } = new AbortController()
    await Promise.all([client.get('s', 'a', { timeoutMs: 5 }), client.get('s', 'b', { signal })])
    expect(channel.calls).toMatchObject([
      { method: 'Get', call: { timeoutMs: 5 } },
      { method: 'Get', call: { timeoutMs: 700, signal } },
    ])
  })

  it('all fail when their batch does', async () => {
    const client = clientOf(new ScriptedChannel(() => Promise.reject(new WireStatus(14, 'gone'))))
    const reasons = keysOf(5).map((key) => client.get('s', key).catch(({ reason }) => reason))
    expect(new Set(await Promise.all(reasons))).toEqual(new Set(['UNREACHABLE']))
  })

  it('fail as unreadable when the batch has too few results', async () => {
    const client = clientOf(new ScriptedChannel(() => ({ results: [] })))
    const reasons = keysOf(5).map((key) => client.get('s', key).catch(({ reason }) => reason))
    expect(new Set(await Promise.all(reasons))).toEqual(new Set(['INTERNAL']))
  })

  it('never join where that is turned off', async () => {
    const channel = new ScriptedChannel(answers)
    const client = clientOf(channel, Infinity)
    await Promise.all(keysOf(50).map((key) => client.get('s', key)))
    expect(new Set(channel.calls.map(({ method }) => method))).toEqual(new Set(['Get']))
  })
})

describe('a number that cannot travel', () => {
  it.each([-1, 0.5, Number.NaN, 2 ** 53])('is refused before anything is sent: %d', async (minVersion) => {
    const channel = new ScriptedChannel(answers)
    const refused = { reason: 'ARGUMENT_INVALID', code: 3, metadata: { field: 'minVersion' } }
    await expect(clientOf(channel).get('s', 'k', { minVersion })).rejects.toMatchObject(refused)
    expect(channel.calls).toEqual([])
  })
})
