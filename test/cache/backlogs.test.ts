import { describe, expect, it } from 'vitest'
import { textOf } from '../support/use-cases.ts'
import { A_WHILE_MS, backlogRig, LEASE_MS } from './backlog-rig.ts'

const rowsOf = ({ rows }: { rows: Map<string, { text: string | undefined }> }) =>
  Object.fromEntries([...rows].map(([key, { text }]) => [key, text]))

describe('what waits for an origin', () => {
  it('is read at once, and is in the table a moment later, the last value of each key in one call', async () => {
    const rig = await backlogRig()
    for (const [key, text] of ['a1', 'b1', 'a2', 'a3'].map((word) => [word[0] as string, word])) {
      await rig.write(key as string, text as string)
    }
    expect(textOf(await rig.get('a'))).toBe('a3')
    expect(rig.rows.rows.size).toBe(0)
    rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: 'a3', b: 'b1' })
    expect(rig.rows.calls).toStrictEqual([['a', 'b']])
    expect(await rig.waiting()).toBe(0)
  })

  it('is flushed in batches of the origin', async () => {
    const rig = await backlogRig({}, { batch: 3 })
    for (let i = 0; i < 8; i += 1) await rig.write(`k${i}`, 'x')
    rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    expect(rig.rows.calls.map(({ length }) => length)).toStrictEqual([3, 3, 2])
  })

  it('is deleted where it was deleted, and found no more', async () => {
    const rig = await backlogRig()
    await rig.write('a', 'one')
    await rig.remove('a')
    expect((await rig.get('a')).outcome).toBe('not-found')
    rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: undefined })
  })

  it('lives for its ttl from then on, and is loaded after that', async () => {
    const rig = await backlogRig({ ttlMs: 60_000 })
    await rig.write('a', 'one')
    await rig.clock.advance(600_000)
    expect(textOf(await rig.get('a'))).toBe('one')
    rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    rig.rows.rows.set('a', { text: 'changed there', version: 0 })
    expect(textOf(await rig.get('a'))).toBe('one')
    await rig.clock.advance(60_001)
    expect(textOf(await rig.get('a'))).toBe('changed there')
  })

  it('takes with it what was loaded meanwhile under another version of its keyspace', async () => {
    const rig = await backlogRig()
    rig.rows.rows.set('a', { text: 'old', version: 0 })
    await rig.write('a', 'new')
    rig.versions.raise('product', { announced: 2, inForce: 2 })
    expect(textOf(await rig.get('a'))).toBe('old')
    rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    expect(textOf(await rig.get('a'))).toBe('new')
    expect(await rig.waiting()).toBe(0)
  })

  it('is compressed where its keyspace says so once its origin has it, and not before: others may have to tell it', async () => {
    const rig = await backlogRig({ compress: { algorithm: 'deflate', aboveBytes: 100 } })
    const text = 'again '.repeat(100)
    const stored = async () => {
      const { value } = await rig.shard.ask('a', 'get', () => ({ key: 'test:product:v1::a' }))
      return typeof value === 'object' && value.payload.length < text.length ? 'small' : 'whole'
    }
    await rig.write('a', text)
    expect(await stored()).toBe('whole')
    rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: text })
    expect([await stored(), textOf(await rig.get('a'))]).toStrictEqual(['small', text])
  })

  it('is not lost by an invalidation', async () => {
    const rig = await backlogRig()
    await rig.write('a', 'one')
    await rig.invalidate('a')
    expect(textOf(await rig.get('a'))).toBe('one')
    rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: 'one' })
  })

  it('waits while the origin is out of reach, however long, and goes on by itself', async () => {
    const rig = await backlogRig()
    rig.rows.down = true
    const flusher = rig.flusher()
    await rig.write('a', 'one')
    await rig.clock.advance(60_000)
    await rig.write('a', 'two')
    await rig.clock.advance(1_000)
    expect(rig.rows.calls.length).toBeLessThan(40)
    expect(flusher.stats().shards).toMatchObject([{ shard: 'a', size: 2 }])
    expect(flusher.stats().shards[0]?.oldestMs).toBeGreaterThan(59_000)
    rig.rows.down = false
    await rig.clock.advance(15_000)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: 'two' })
    expect(flusher.stats().shards).toMatchObject([{ size: 0, oldestMs: 0 }])
  })

  it('is parted from what the origin refuses, which is set aside, told of without its value, and cached no more', async () => {
    const rig = await backlogRig()
    rig.rows.poison.add('poison')
    for (let i = 0; i < 10; i += 1) await rig.write(`k${i}`, i === 6 ? 'poison' : `v${i}`)
    const flusher = rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    expect(Object.keys(rowsOf(rig.rows)).length).toBe(9)
    expect(await rig.dead()).toStrictEqual(['poison'])
    expect(await rig.waiting()).toBe(0)
    expect(flusher.stats().keys).toStrictEqual({ stored: 9, refused: 1, failed: 0 })
    expect((await rig.get('k6')).outcome).toBe('not-found')
    const told = rig.log.lines.filter(({ level }) => level === 'error')
    expect(told).toMatchObject([
      { fields: { keyspace: 'product', shard: 'a', why: 'origin scripted refuses the change' } },
    ])
    expect(JSON.stringify(rig.log.lines)).not.toContain('poison')
  })
})

describe('a read of what may wait', () => {
  it('is what the shard has, however far the origin is behind', async () => {
    const rig = await backlogRig()
    rig.rows.rows.set('a', { text: 'before', version: 1 })
    await rig.write('a', 'after')
    expect(await rig.get('a')).toMatchObject({ source: 'primary', degraded: false, value: Buffer.from('after') })
  })

  it('is degraded, as of nobody knows when, where only the origin answers', async () => {
    const rig = await backlogRig()
    rig.rows.rows.set('a', { text: 'before', version: 1 })
    await rig.write('a', 'after')
    rig.shard.down = true
    expect(await rig.get('a')).toMatchObject({ source: 'origin', degraded: true, asOf: Number.NEGATIVE_INFINITY })
  })

  it('is not degraded where the shard says that nothing waits', async () => {
    const rig = await backlogRig()
    rig.rows.rows.set('a', { text: 'there', version: 1 })
    const begunAt = rig.clock.now()
    const answer = await rig.get('a')
    expect(answer).toMatchObject({ source: 'origin', degraded: false })
    expect(answer.asOf).toBeGreaterThanOrEqual(begunAt)
  })
})

describe('sidecars that flush', () => {
  it('take turns: one has the lease, and another follows when that one is gone', async () => {
    const rig = await backlogRig()
    const first = rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    const second = rig.flusher()
    await rig.write('a', 'one')
    await rig.clock.advance(A_WHILE_MS)
    expect([first.stats().keys.stored, second.stats().keys.stored]).toStrictEqual([1, 0])
    await first.drain(1_000)
    await rig.write('a', 'two')
    await rig.clock.advance(A_WHILE_MS)
    expect(second.stats().keys.stored).toBe(1)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: 'two' })
  })

  it('flush what waits when they end', async () => {
    const rig = await backlogRig()
    const flusher = rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    await rig.write('a', 'one')
    await flusher.drain(1_000)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: 'one' })
  })

  it('bring no older value over a newer one, though one of them was frozen while it flushed', async () => {
    const rig = await backlogRig()
    rig.flusher()
    let thaw: () => void = () => undefined
    rig.rows.held = new Promise((resolve) => {
      thaw = resolve
    })
    await rig.write('a', 'old')
    await rig.clock.advance(A_WHILE_MS)
    expect(rig.rows.calls).toHaveLength(1)
    // The first one hangs in its call; its lease ends.
    rig.rows.held = undefined
    await rig.clock.advance(LEASE_MS)
    await rig.write('a', 'new')
    rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: 'new' })
    thaw()
    await rig.clock.advance(A_WHILE_MS)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: 'new' })
    expect(textOf(await rig.get('a'))).toBe('new')
  })
})

describe('a counter whose origin hears of its sum', () => {
  const counting = { kind: 'counter' } as const

  it('is flushed as it stands, once for however many additions', async () => {
    const rig = await backlogRig(counting)
    for (let i = 0; i < 50; i += 1) await rig.add('a')
    expect(await rig.waiting()).toBe(1)
    await rig.clock.advance(LEASE_MS * 20)
    rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: '50' })
    expect(rig.rows.calls).toHaveLength(1)
  })

  it('loses nothing that is added while it is being flushed', async () => {
    const rig = await backlogRig(counting)
    await rig.add('a', { delta: 5n })
    await rig.clock.advance(LEASE_MS * 20)
    let go: () => void = () => undefined
    rig.rows.held = new Promise((resolve) => {
      go = resolve
    })
    rig.flusher()
    await rig.clock.advance(A_WHILE_MS)
    await rig.add('a', { delta: 7n })
    go()
    rig.rows.held = undefined
    await rig.clock.advance(A_WHILE_MS)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: '12' })
    expect(await rig.waiting()).toBe(0)
  })

  it('goes on from its sum when it has left the cache', async () => {
    const rig = await backlogRig({ ...counting, ttlMs: 60_000 })
    rig.flusher()
    await rig.add('a', { delta: 40n })
    await rig.clock.advance(A_WHILE_MS + 60_001)
    expect(await rig.add('a', { delta: 2n })).toBe(42n)
    await rig.clock.advance(A_WHILE_MS)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: '42' })
  })

  it('counts a repeated call once for a minute, though its ttl is shorter and its origin has long heard of it', async () => {
    const rig = await backlogRig({ ...counting, ttlMs: 3_000 })
    rig.flusher()
    await rig.add('a', { delta: 5n, requestId: 'order-7' })
    await rig.clock.advance(50_000)
    expect(await rig.waiting()).toBe(0)
    expect(await rig.add('a', { delta: 5n, requestId: 'order-7' })).toBe(5n)
    await rig.clock.advance(A_WHILE_MS)
    expect(rowsOf(rig.rows)).toStrictEqual({ a: '5' })
  })

  it('is not taken away by an invalidation before the origin has it', async () => {
    const rig = await backlogRig(counting)
    await rig.add('a', { delta: 40n })
    await rig.invalidate('a')
    expect(await rig.add('a', { delta: 2n })).toBe(42n)
  })

  it('has its ttl from its keyspace', async () => {
    const rig = await backlogRig(counting)
    await expect(rig.add('a', { ttlMs: 1_000 })).rejects.toMatchObject({ reason: 'TTL_INVALID' })
  })

  it('is refused where too much waits, unless it waits already', async () => {
    const rig = await backlogRig({ ...counting, maxBacklog: 1 })
    await rig.add('a')
    await expect(rig.add('b')).rejects.toMatchObject({ reason: 'BACKLOG_FULL', retryAfterMs: 1_000 })
    expect(await rig.add('a')).toBe(2n)
  })
})
