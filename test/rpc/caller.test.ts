import { Metadata } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import type { Reader } from '../../src/cache/cache.ts'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { callerOf } from '../../src/rpc/caller.ts'
import { ENGINE_NAMES } from '../support/engines.ts'
import { answer } from './fake-cache.ts'
import { startRig } from './harness.ts'

const metadata = (...values: string[]) => {
  const made = new Metadata()
  for (const value of values) made.add('ringside-caller', value)
  return made
}

describe('the name of a caller', () => {
  it('is what the call says of itself, the first where there are several, and empty where there is none', () => {
    expect(callerOf(metadata('checkout', 'search'))).toBe('checkout')
    expect(callerOf(metadata())).toBe('')
    expect(callerOf(metadata('  '))).toBe('')
  })

  it('is cut off at 64 characters', () => {
    expect(callerOf(metadata('x'.repeat(1_000)))).toBe('x'.repeat(64))
  })

  it.each(ENGINE_NAMES)('comes to the cache together with the deadline: %s', async (engine) => {
    const rig = await startRig({ engine })
    try {
      const readers: Reader[] = []
      rig.cache.onGet = (_request, reader) => {
        if (reader !== undefined) readers.push({ caller: reader.caller, deadlineAt: reader.deadlineAt })
        return answer()
      }
      const { client } = rig.client
      const send = (method: 'get' | 'batchGet', request: object, deadline?: number) =>
        new Promise<void>((resolve, reject) => {
          const options = deadline === undefined ? {} : { deadline }
          const ended = (error: unknown) => (error === null ? resolve() : reject(error))
          if (method === 'get') client.get(request, metadata('checkout'), options, ended)
          else client.batchGet(request, metadata('search'), options, ended)
        })
      await send('get', { keyspace: 'product', key: '1' })
      await send('batchGet', { requests: [{ keyspace: 'product', key: '1' }] }, Date.now() + 60_000)
      expect(readers).toEqual([
        { caller: 'checkout', deadlineAt: Number.POSITIVE_INFINITY },
        { caller: 'search', deadlineAt: expect.any(Number) },
      ])
      expect(readers[1]?.deadlineAt).toBeLessThan(Number.POSITIVE_INFINITY)
    } finally {
      await rig.close()
    }
  })

  it.each(ENGINE_NAMES)('is told by the client that was given one, with every call: %s', async (engine) => {
    const rig = await startRig({ engine })
    const client = new RingsideClient({ target: rig.tcp, caller: 'checkout' })
    try {
      const callers: (string | undefined)[] = []
      rig.cache.onGet = (_request, reader) => {
        callers.push(reader?.caller)
        return answer()
      }
      await client.get('product', '1')
      await client.get('product', '1', { timeoutMs: 5_000 })
      await client.batchGet([{ keyspace: 'product', key: '1' }])
      expect(callers).toEqual(['checkout', 'checkout', 'checkout'])
    } finally {
      await client.close()
      await rig.close()
    }
  })

  it.each(['', ' x', 'x ', 'x'.repeat(65), 'käufer', 'a\nb'])(
    'is refused by the client where it cannot travel: %j',
    (caller) => {
      expect(() => new RingsideClient({ caller })).toThrow(/caller is .* 1 to 64 printable/)
    },
  )
})
