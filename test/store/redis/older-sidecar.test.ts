import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeEpochs } from '../../../src/store/epoch.ts'
import { SCRIPTS, type ScriptName } from '../../../src/store/redis/scripts.ts'
import type { Shard } from '../../../src/store/shard.ts'
import { lease, token } from '../../contract/shard-contract.ts'
import { content } from '../../support/content.ts'
import { type StartedRedisShard, startRedisShard } from '../../support/redis-shard.ts'

const TEXT = 'again and again '.repeat(100)
const TOMBSTONE = 3
const AHEAD_US = 30e6

/** A script as it was before anything was compressed: all that it does not know of it skips. */
function scriptOfBefore(name: ScriptName): string {
  const { source } = SCRIPTS[name]
  const reads = /\n {4}if type == PACKED then[\s\S]*?\n {4}end/
  expect(source).toMatch(reads)
  return source.replace(reads, '')
}

describe('a sidecar that does not know of compressed values', () => {
  let started: StartedRedisShard
  let shard: Shard
  let count = 0
  const newKey = () => `test:k:v1::${count++}`
  const compressed = content(TEXT, { compress: { algorithm: 'deflate', aboveBytes: 100 } })

  beforeAll(async () => {
    started = await startRedisShard()
    shard = started.shard
  })
  afterAll(() => started.stop())

  async function asBefore(name: ScriptName, key: string, ...args: readonly (string | number | Buffer)[]) {
    const reply = await started.server.client.callBuffer('EVAL', scriptOfBefore(name), 1, key, ...args)
    return (reply as unknown[]).map(String)
  }

  async function epoch(): Promise<Buffer> {
    return encodeEpochs((await shard.ask('k', 'get', () => ({ key: 'k' }))).epoch)
  }

  it('is shown a tombstone of its version, which says nothing of what is stored', async () => {
    const key = newKey()
    const { version } = await shard.put(key, compressed)
    const raw = (await started.server.client.getBuffer(key)) as Buffer
    expect([raw[0], raw[1], Number(raw.readBigUInt64BE(48))]).toEqual([1, TOMBSTONE, 0])
    expect(Number(raw.readBigUInt64BE(16))).toBe(version)
  })

  it('is granted the lease over one, with nothing stale, and stores a later version of what it loads', async () => {
    const key = newKey()
    shard.atLeast(Math.floor(shard.serverUs() ?? 0) + AHEAD_US)
    const { version } = await shard.put(key, compressed)
    const own = token()
    const [word, , stale] = await asBefore('acquire', key, own, 60_000, await epoch(), 0)
    expect([word, stale]).toEqual(['granted', ''])
    const [filled, , later] = await asBefore('fill', key, own, 0, await epoch(), 1, 60_000, 0, 0, 0, 0, 'plain', '', '')
    expect(filled).toBe('filled')
    expect(Number(later)).toBe(version + 1)
    const read = await shard.read(key)
    expect(read.found && read.entry.value.toString()).toBe('plain')
  })

  it('keeps the intent of a write on one, and stores nothing while it stands', async () => {
    const key = newKey()
    await shard.put(key, compressed)
    await shard.intend(key, { token: token(), ttlMs: 60_000 })
    const own = token()
    const [word, , , , heldMs] = await asBefore('acquire', key, own, 1_000, await epoch(), 0)
    expect([word, Number(heldMs) > 50_000]).toEqual(['granted', true])
    expect((await asBefore('fill', key, own, 0, await epoch(), 1, 60_000, 0, 0, 0, 0, 'old', '', ''))[0]).toBe('held')
    expect((await shard.put(key, compressed)).outcome).toBe('held')
  })

  it('is given nothing stale of one that was invalidated, while others are', async () => {
    const key = newKey()
    await shard.put(key, compressed)
    await shard.invalidate(key, { staleKeepMs: 60_000 })
    await shard.acquire(key, lease())
    const [word, , raw] = await asBefore('acquire', key, token(), 1_000, await epoch(), 0)
    expect(word).toBe('busy')
    expect(raw).not.toContain(TEXT)
    const record = (await started.server.client.getBuffer(key)) as Buffer
    expect(Number(record.readBigUInt64BE(48))).toBe(0)
    const busy = await shard.acquire(key, lease())
    expect(busy.outcome === 'busy' && busy.stale?.value.toString()).toBe(TEXT)
  })
})
