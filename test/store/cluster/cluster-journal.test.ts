import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../../src/base/chance.ts'
import type { ClusterTier } from '../../../src/store/cluster/cluster-tier.ts'
import { keySlot } from '../../../src/store/cluster/key-slot.ts'
import type { Journal } from '../../../src/store/journal/journal.ts'
import { openJournal } from '../../../src/store/journal/open-journal.ts'
import { clusterTier } from '../../support/cluster-tier.ts'
import { content } from '../../support/content.ts'
import { type ClusterNode, RedisCluster } from '../../support/redis-cluster.ts'
import { until } from '../../support/until.ts'

describe('the journal of a cluster', () => {
  let cluster: RedisCluster
  let other: ClusterTier
  let folder: string
  let count = 0

  beforeAll(async () => {
    cluster = await RedisCluster.start({ masters: 3 })
    other = clusterTier(cluster.seeds, { member: 'other' })
    await other.start()
  })
  afterAll(async () => {
    await other.close()
    await cluster.stop()
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringside-cluster-journal-'))
    return () => rmSync(folder, { recursive: true })
  })

  const node = (index: number) => cluster.masters[index] as ClusterNode
  const open = (): Promise<Journal> => openJournal({ folder, shard: 'cluster', maxBytes: 1 << 20 }, systemChance)

  /** A new key of a master, in a slot of its own that is not that of its control keys. */
  function keyOn(owner: ClusterNode): string {
    const slots = new Set(other.slotsOf(owner.address))
    const anchors = new Set(other.masters.map(({ anchor }) => anchor))
    for (;;) {
      const key = `test:j:v1::${count++}`
      if (slots.has(keySlot(key)) && !anchors.has(keySlot(key))) return key
    }
  }

  const put = (key: string, text: string) =>
    until('a put', () =>
      other
        .home(key)
        .put(key, content(text))
        .then(Boolean, () => false),
    )

  async function text(tier: ClusterTier, key: string): Promise<string | undefined> {
    const read = await tier.home(key).read(key)
    return read.found ? read.entry.value.toString() : undefined
  }

  it('pays what is owed to the owner that a key has by then, before it is read there', async () => {
    const [moving, staying] = [keyOn(node(0)), keyOn(node(2))]
    const journal = await open()
    await journal.note(moving, 0)
    await journal.note(staying, 0)
    await journal.close()
    await cluster.move(keySlot(moving), node(0), node(1))
    await Promise.all([put(moving, 'old'), put(staying, 'old')])
    const reopened = await open()
    const tier = clusterTier(cluster.seeds, { journal: reopened })
    await tier.start()
    for (const key of [moving, staying]) {
      const seen: (string | undefined)[] = []
      await until('an answer', async () => {
        const answer = await text(tier, key).catch(() => 'none')
        if (answer !== 'none') seen.push(answer)
        return answer !== 'none'
      })
      expect(seen).toEqual([undefined])
    }
    await until('a journal that owes nothing', () => reopened.isEmpty)
    await tier.close()
  })

  it('holds up only the master that owns the key, and goes with it when its slot moves', async () => {
    const [owed, beside] = [keyOn(node(0)), keyOn(node(2))]
    await Promise.all([put(owed, 'old'), put(beside, 'v')])
    const journal = await open()
    const tier = clusterTier(cluster.seeds, { journal, timeoutMs: 150 })
    await tier.start()
    node(0).signal('SIGSTOP')
    expect(await tier.home(owed).defer(owed, 0)).toBe(true)
    expect(tier.home(owed).state().up).toBe(false)
    await until('the other master', async () => (await text(tier, beside).catch(() => undefined)) === 'v')
    node(0).signal('SIGCONT')
    await cluster.move(keySlot(owed), node(0), node(1))
    await until('the payment', () => journal.isEmpty)
    await until('an answer', () =>
      text(tier, owed).then(
        () => true,
        () => false,
      ),
    )
    expect(await text(tier, owed)).toBeUndefined()
    await tier.close()
  })

  it('ends the epoch of every master when it has lost sight of its keys', async () => {
    const keys = cluster.masters.map(keyOn)
    for (const key of keys) await put(key, 'old')
    await (await open()).close()
    writeFileSync(join(folder, 'cluster.journal'), 'not a journal')
    const journal = await open()
    const tier = clusterTier(cluster.seeds, { journal })
    await tier.start()
    await until('a journal that owes nothing', () => journal.isEmpty)
    for (const key of keys) expect(await text(tier, key)).toBeUndefined()
    await tier.close()
  })
})
