import { describe, expect, it } from 'vitest'
import { textOf } from '../support/use-cases.ts'
import { copiesRig } from './copies-rig.ts'

type Rig = Awaited<ReturnType<typeof copiesRig>>

/** Sources of reads one after another, what goes on behind each of them having ended. */
async function sources({ clock }: Pick<Rig, 'clock'>, { get }: Pick<Rig, 'get'>, reads: number, more = {}) {
  const seen: string[] = []
  for (let read = 0; read < reads; read += 1) {
    seen.push((await get('1', more)).source)
    await clock.advance(1)
  }
  return seen
}

/** The rig with both copies in place, and the turn at copy 1: its first read found nothing to copy. */
async function filled(changes: Parameters<typeof copiesRig>[0] = {}) {
  const rig = await copiesRig(changes)
  await sources(rig, rig, 6)
  return rig
}

const ROUND = ['copy', 'copy', 'primary']

describe('a hot key', () => {
  it('is read at its copies and its home in turn', async () => {
    const rig = await filled()
    expect(await sources(rig, rig, 6)).toEqual([...ROUND, ...ROUND])
    expect(rig.origin.asked).toHaveLength(1)
  })

  it('has its copies filled behind the readers who find them empty, from its home and under its version', async () => {
    const rig = await copiesRig()
    const first = await rig.get('1')
    expect(first.source).toBe('origin')
    await rig.clock.advance(1)
    // There was nothing to copy yet.
    expect(await rig.copyAt(1)).toBeUndefined()
    expect(await sources(rig, rig, 5)).toEqual(['primary', 'primary', 'primary', 'copy', 'primary'])
    for (const place of [1, 2]) {
      expect(await rig.copyAt(place)).toMatchObject({ entry: { version: first.version, value: Buffer.from('one') } })
    }
  })

  it('is read at its copies by the other sidecars too', async () => {
    const rig = await filled()
    expect(await sources(rig, rig.sidecar(), 3)).toEqual(ROUND)
  })

  it('is read at a copy in a batch as well', async () => {
    const rig = await filled()
    rig.origin.rows.set('2', 'two')
    const requests = ['1', '2'].map((key) => ({ keyspace: 'product', key, tenant: '' }))
    expect(await rig.cache.batchGet(requests)).toMatchObject([{ source: 'copy' }, { source: 'origin' }])
  })

  it('is read at its home alone by those who want nothing older than now', async () => {
    const rig = await filled()
    expect(await sources(rig, rig, 3, { maxStalenessMs: 0 })).toEqual(['primary', 'primary', 'primary'])
  })

  it('has no copies in a strong keyspace, whatever the list says', async () => {
    const rig = await copiesRig({ consistency: 'strong', boundMs: 0 })
    expect(await sources(rig, rig, 4)).toEqual(['origin', 'primary', 'primary', 'primary'])
  })

  it('is read at its home alone once it has lost its copies, of which nothing stays', async () => {
    const rig = await filled()
    rig.tell(0)
    expect(await sources(rig, rig, 3)).toEqual(['primary', 'primary', 'primary'])
    await rig.clock.advance(5_000)
    expect(await Promise.all([1, 2].map((place) => rig.copyAt(place)))).toEqual([undefined, undefined])
  })
})

describe('a copy', () => {
  it('is as old as its lease, and no reader is given what is older than the bound', async () => {
    const rig = await filled()
    const filledBy = rig.clock.now()
    await rig.clock.advance(1_000)
    const answer = await rig.get('1')
    expect(answer).toMatchObject({ source: 'copy', degraded: false })
    expect(answer.asOf).toBeLessThanOrEqual(filledBy)
    expect(answer.asOf).toBeGreaterThanOrEqual(filledBy - 5)
    expect(await sources(rig, rig, 3, { maxStalenessMs: 500 })).toEqual(['primary', 'primary', 'primary'])
  })

  it('stays for those who take it when it is too old for a reader', async () => {
    const rig = await filled()
    await rig.clock.advance(1_000)
    const before = await rig.copyAt(1)
    await sources(rig, rig, 3, { maxStalenessMs: 500 })
    expect((await rig.copyAt(1))?.asOf).toBe(before?.asOf)
    expect(await sources(rig, rig, 3)).toEqual(ROUND)
  })

  it.each([
    { boundMs: 3_000, lifeMs: 3_000 },
    { boundMs: 60_000, lifeMs: 10_000 },
  ])('lives as long as it may be used, and 10 s at most: %j', async ({ boundMs, lifeMs }) => {
    const rig = await filled({ consistency: 'tolerant', boundMs })
    await rig.clock.advance(lifeMs - 100)
    expect(await rig.copyAt(1)).toBeDefined()
    await rig.clock.advance(100)
    expect(await rig.copyAt(1)).toBeUndefined()
  })

  it('of a smaller version than the reader has seen is passed by and filled anew', async () => {
    const rig = await filled()
    const there = rig.sidecar()
    rig.origin.rows.set('1', 'two')
    // Its copies are not known there.
    there.tell(0)
    await rig.clock.advance(10_001)
    const other = rig.sidecar()
    await sources(rig, other, 6)
    await there.invalidate('1')
    const { version } = await there.get('1')
    expect((await other.get('1')).source).toBe('copy')
    const seen = await rig.get('1', { minVersion: version })
    expect([seen.source, textOf(seen)]).toEqual(['primary', 'two'])
    await rig.clock.advance(1)
    expect((await rig.copyAt(1))?.entry.version).toBe(version)
  })

  it('gives what it has to the near cache, which keeps it as old as it is', async () => {
    const rig = await copiesRig({ near: true })
    await rig.get('1')
    await rig.sidecar().get('1')
    const fresh = rig.sidecar()
    await rig.clock.advance(1_000)
    const copied = await fresh.get('1')
    expect(copied.source).toBe('copy')
    await rig.clock.advance(1_000)
    expect(await fresh.get('1')).toMatchObject({ source: 'near', asOf: copied.asOf })
    await rig.clock.advance(5_000 - (rig.clock.now() - copied.asOf) + 1)
    expect((await fresh.get('1')).source).not.toBe('near')
  })
})

describe('a copy that cannot be had', () => {
  it('since its shard gives no answer fails no read, and is not asked for again for a while', async () => {
    const rig = await filled()
    rig.shardOf(1).down = true
    rig.shardOf(1).isUnnoticed = true
    expect(await sources(rig, rig, 3)).toEqual(['primary', 'copy', 'primary'])
    rig.shardOf(1).down = false
    expect((await rig.get('1')).source).toBe('primary')
    await rig.clock.advance(1_000)
    await sources(rig, rig, 2)
    expect(await sources(rig, rig, 1)).toEqual(['copy'])
  })

  it('since another sidecar is filling it is passed by', async () => {
    const rig = await copiesRig()
    rig.tell(0)
    await rig.get('1')
    rig.tell(2)
    const { name, shard } = rig.store.copy('test:product:v1::1', 1)!
    const lease = await shard.leaseCopy(name, 3_000)
    expect(lease).toBeDefined()
    expect((await rig.get('1')).source).toBe('primary')
    await rig.clock.advance(1)
    expect(await rig.copyAt(1)).toBeUndefined()
    expect(rig.scraped.readPath().copyFills).toMatchObject({ filled: 0, elsewhere: 1 })
  })

  it('since the home has nothing is not waited for: the origin is asked once, and the next reader fills it', async () => {
    const rig = await copiesRig()
    const reads = await Promise.all([rig.get('1'), rig.sidecar().get('1'), rig.sidecar().get('1')])
    await rig.clock.advance(1)
    expect(reads.map(textOf)).toEqual(['one', 'one', 'one'])
    expect(rig.origin.asked).toHaveLength(1)
    const before = rig.sidecar()
    expect(await sources(rig, before, 3)).toEqual(['primary', 'primary', 'primary'])
    expect(await sources(rig, before, 3)).toEqual(ROUND)
  })
})

describe('copies of a key whose home gives no answer', () => {
  it('answer for it as long as they are within the bound', async () => {
    const rig = await filled()
    rig.home.down = true
    expect(await sources(rig, rig, 3)).toEqual(['copy', 'copy', 'copy'])
    const { degraded } = await rig.get('1')
    expect(degraded).toBe(false)
    await rig.clock.advance(5_001)
    expect((await rig.get('1')).source).toBe('origin')
  })
})

describe('a change of a hot key', () => {
  it('takes its copies away', async () => {
    const rig = await filled()
    rig.origin.rows.set('1', 'two')
    await rig.invalidate('1')
    await rig.clock.advance(1)
    expect(await Promise.all([1, 2].map((place) => rig.copyAt(place)))).toEqual([undefined, undefined])
  })

  it('takes those away, too, that it had a moment ago', async () => {
    const rig = await filled()
    rig.tell(0)
    await rig.clock.advance(3_000)
    await rig.cache.set({ keyspace: 'product', key: '1', tenant: '', value: Buffer.from('two'), leaseToken: '' })
    await rig.clock.advance(1)
    expect(await Promise.all([1, 2].map((place) => rig.copyAt(place)))).toEqual([undefined, undefined])
  })

  it('waits for no copy', async () => {
    const rig = await filled()
    rig.shardOf(1).down = true
    expect(await rig.invalidate('1')).toMatchObject({ deferred: false })
  })

  it('is never undone by a fill that was under way', async () => {
    const rig = await copiesRig()
    await sources(rig, rig, 3)
    let letGo: () => void = () => undefined
    rig.home.readsWaitFor = new Promise((resolve) => {
      letGo = resolve
    })
    const reading = rig.get('1')
    await rig.clock.advance(1)
    rig.origin.rows.set('1', 'two')
    await rig.sidecar().invalidate('1')
    await rig.clock.advance(1)
    letGo()
    await reading
    await rig.clock.advance(1)
    rig.home.readsWaitFor = undefined
    expect((await rig.copyAt(1))?.entry.value.toString()).not.toBe('one')
  })

  it('is seen at once by the sidecar that made it, though a copy could not be reached', async () => {
    const rig = await filled()
    rig.shardOf(1).down = true
    rig.shardOf(2).down = true
    rig.origin.rows.set('1', 'two')
    await rig.invalidate('1')
    rig.shardOf(1).down = false
    rig.shardOf(2).down = false
    const seen = new Set<string>()
    for (let read = 0; read < 6; read += 1) {
      seen.add(textOf(await rig.get('1')))
      await rig.clock.advance(300)
    }
    expect(seen).toEqual(new Set(['two']))
  })
})
