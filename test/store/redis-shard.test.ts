import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Shard, ShardRead } from '../../src/store/shard.ts'
import { backlogContract } from '../contract/backlog-contract.ts'
import { compressionContract } from '../contract/compression-contract.ts'
import { copyContract } from '../contract/copy-contract.ts'
import { counterContract } from '../contract/counter-contract.ts'
import { flushContract } from '../contract/flush-contract.ts'
import { freshnessContract } from '../contract/freshness-contract.ts'
import { intentContract } from '../contract/intent-contract.ts'
import { type ShardUnderTest, shardContract } from '../contract/shard-contract.ts'
import { tagContract } from '../contract/tag-contract.ts'
import { content } from '../support/content.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { redisShard } from '../support/redis-shard.ts'
import { until } from '../support/until.ts'

/** Waits until the server's own clock has moved on by `ms`. */
async function elapse(server: RedisServer, ms: number): Promise<void> {
  const time = async () => {
    const [seconds, micros] = await server.client.time()
    return Number(seconds) * 1_000 + Number(micros) / 1_000
  }
  const end = (await time()) + ms
  await until('the passing of time', async () => (await time()) >= end)
}

async function open(): Promise<ShardUnderTest> {
  const server = await startRedis()
  const shard = redisShard(server.url)
  await shard.start()
  return {
    shard,
    elapse: (ms) => elapse(server, ms),
    cut: async () => void (await server.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')),
    stop: async () => {
      await shard.close()
      await server.stop()
    },
  }
}

shardContract('redis-shard', open)
freshnessContract('redis-shard', open)
copyContract('redis-shard', open)
counterContract('redis-shard', open)
backlogContract('redis-shard', open)
tagContract('redis-shard', open)
intentContract('redis-shard', open)
compressionContract('redis-shard', open)
flushContract('redis-shard', open)

describe('redis-shard over a server in trouble', () => {
  let server: RedisServer
  let shard: Shard

  beforeAll(async () => {
    server = await startRedis(['--maxmemory-policy', 'allkeys-lru'])
    shard = redisShard(server.url, 300)
    await shard.start()
  })
  afterAll(async () => {
    await shard.close()
    await server.stop()
  })

  const isUp = () => until('the shard being up', () => shard.state().up)

  it('reads an unknown format as a miss, counts it, and grants a lease over it', async () => {
    const before = shard.stats().malformed
    await server.client.set('future', Buffer.concat([Buffer.from([9]), Buffer.alloc(80)]))
    expect((await shard.read('future')).found).toBe(false)
    expect(shard.stats().malformed).toBe(before + 1)
    expect((await shard.acquire('future', { token: Buffer.alloc(16), leaseTtlMs: 1_000 })).outcome).toBe('granted')
  })

  it('sends the source again when the server has forgotten its scripts', async () => {
    await shard.put('script', content('v'))
    await server.client.script('FLUSH')
    expect((await shard.put('script', content('v'))).outcome).toBe('stored')
  })

  it('survives the connection being cut, without repeating what was under way', async () => {
    await server.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await until(
      'an answer',
      async () => (await shard.put('cut', content('v')).catch(() => undefined))?.outcome === 'stored',
    )
  })

  it('answers UNAVAILABLE within its deadline when the server is frozen, opens the breaker, and recovers', async () => {
    server.freeze()
    try {
      await expect(shard.read('frozen')).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
      await until('an open breaker', async () => {
        const error = await shard.read('frozen').catch((caught: unknown) => caught)
        return (error as { metadata?: { kind?: string } }).metadata?.kind === 'breaker'
      })
      expect(shard.state()).toMatchObject({ up: false })
    } finally {
      server.thaw()
    }
    await until('an answer', async () => (await shard.read('frozen').catch(() => undefined))?.found === false)
    expect(shard.stats().errors.get('timeout')).toBeGreaterThan(0)
  })

  it('does not run a put that was held up beyond its deadline', async () => {
    await shard.put('late', content('v'))
    server.freeze()
    const outcome = shard.put('late', content('too late'))
    await expect(outcome).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
    server.thaw()
    let read: ShardRead | undefined
    await until('an answer', async () => {
      read = await shard.read('late').catch(() => undefined)
      return read !== undefined
    })
    expect(read).toMatchObject({ found: true, entry: { value: Buffer.from('v') } })
  })

  it('reads while the server refuses writes for want of memory', async () => {
    await shard.put('full', content('v'))
    await server.client.config('SET', 'maxmemory-policy', 'noeviction')
    await server.client.config('SET', 'maxmemory', '1')
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await expect(shard.put('full2', content('v'))).rejects.toMatchObject({
        reason: 'SHARD_UNAVAILABLE',
        metadata: { kind: 'OOM' },
      })
    }
    expect((await shard.read('full')).found).toBe(true)
    expect(shard.state().up).toBe(true)
    await server.client.config('SET', 'maxmemory', '0')
    expect((await shard.put('full2', content('v'))).outcome).toBe('stored')
  })

  it('comes back after the server was killed and started anew', async () => {
    await server.kill()
    await until('the shard being down', () => !shard.state().up)
    await expect(shard.read('k')).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
    await server.restart()
    await isUp()
    await until(
      'an answer',
      async () => (await shard.put('k', content('v')).catch(() => undefined))?.outcome === 'stored',
    )
  })
})

describe('redis-shard and versions', () => {
  const VERSION_AT = 16
  let server: RedisServer
  let shard: Shard

  beforeAll(async () => {
    server = await startRedis()
    shard = redisShard(server.url)
    await shard.start()
  })
  afterAll(async () => {
    await shard.close()
    await server.stop()
  })

  /** Puts an entry whose version is `aheadUs` ahead of the server's clock, as a server with another clock would leave it. */
  async function putFromTheFuture(key: string, aheadUs: number): Promise<number> {
    const put = await shard.put(key, content('v'))
    const version = put.version + aheadUs
    const raw = (await server.client.getBuffer(key)) as Buffer
    raw.writeBigUInt64BE(BigInt(version), VERSION_AT)
    await server.client.set(key, raw, 'PX', 60_000)
    return version
  }

  it('goes on above the version that stands, though the clock is behind it', async () => {
    const version = await putFromTheFuture('behind', 30_000_000)
    const put = await shard.put('behind', content('v'))
    expect(put.version).toBe(version + 1)
    expect(await shard.invalidate('behind', { staleKeepMs: 0 })).toBe(version + 2)
  })

  it('makes no version below one that it has seen, up to a minute ahead of the clock', async () => {
    const version = await putFromTheFuture('seen', 20_000_000)
    await shard.read('seen')
    expect((await shard.put('another', content('v'))).version).toBeGreaterThanOrEqual(version)
    const absurd = await putFromTheFuture('absurd', 3_600_000_000)
    await shard.read('absurd')
    expect((await shard.put('yet another', content('v'))).version).toBeLessThan(absurd - 3_000_000_000)
  })
})

describe('redis-shard and the way its server is set up', () => {
  it('names an eviction policy that can cost guarantees', async () => {
    const server = await startRedis(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'])
    const shard = redisShard(server.url)
    await shard.start()
    expect(shard.state()).toMatchObject({ up: true, warnings: [expect.stringContaining('allkeys-lru')] })
    expect(shard.stats().server.memoryLimitBytes).toBe(100 << 20)
    await shard.close()
    await server.stop()
  })

  it('logs in with the user and password of its url, and says so when they are wrong', async () => {
    const server = await startRedis(['--requirepass', 'secret'])
    const right = redisShard(server.url.replace('//', '//:secret@'))
    const wrong = redisShard(server.url.replace('//', '//:guess@'))
    await Promise.all([right.start(), wrong.start()])
    expect(right.state()).toMatchObject({ up: true })
    const state = wrong.state()
    expect(state.up).toBe(false)
    expect(JSON.stringify(state)).toMatch(/WRONGPASS|NOAUTH/)
    expect(JSON.stringify(state)).not.toContain('guess')
    await Promise.all([right.close(), wrong.close()])
    await server.stop()
  })

  it('starts without its server, and connects as soon as that is there', async () => {
    const server = await startRedis()
    await server.kill()
    const shard = redisShard(server.url)
    await shard.start()
    expect(shard.state()).toMatchObject({ up: false, why: expect.stringContaining('ECONNREFUSED') })
    await server.restart()
    await until('the shard being up', () => shard.state().up)
    await shard.close()
    await server.stop()
  })
})
