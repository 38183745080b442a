import type { Redis } from 'ioredis'
import { content } from '../support/content.ts'
import { startRedis } from '../support/redis.ts'
import { redisShard } from '../support/redis-shard.ts'
import { until } from '../support/until.ts'
import type { Check } from './check.ts'
import { cpuMicros } from './cpu.ts'
import { closedLoop, median, VALUE_BYTES } from './run.ts'
import { table } from './table.ts'

const KEYS = 60_000
const IN_FLIGHT = 100
const PAIRS = 10
const BATCH = 1_000
const BAR = 0.9

interface Measured {
  readonly perSecond: number
  readonly serverMicros: number
  readonly ownMicros: number
}

/**
 * Plain and tracked reads of the same keys through one shard, in turns. Each key is read once a run, and what was tracked
 * is forgotten between runs, so that every tracked read is one that the server takes note of.
 */
export async function trackingBenchmark(): Promise<{ readonly text: string; readonly checks: readonly Check[] }> {
  const server = await startRedis()
  let heard = 0
  const shard = redisShard(server.url, 10_000, {
    onChanged: () => {
      heard += 1
    },
  })
  await shard.start()
  await until('tracking', async () => shard.stats().trackingUp)
  const keys = Array.from({ length: KEYS }, (_, index) => `bench:product:v1::${index}`)
  const value = 'x'.repeat(VALUE_BYTES)
  for (let from = 0; from < KEYS; from += BATCH) {
    await Promise.all(keys.slice(from, from + BATCH).map((key) => shard.put(key, content(value, { ttlMs: 3_600_000 }))))
  }
  const pid = Number(/process_id:(\d+)/.exec(await server.client.info('server'))?.[1])

  let noted = 0
  const measure = async (tracked: boolean): Promise<Measured> => {
    await touchAll(server.client, keys)
    await until('news of all that was tracked', async () => heard >= noted)
    noted += tracked ? KEYS : 0
    const [serverBefore, ownBefore] = [cpuMicros(pid), cpuMicros(process.pid)]
    const { perSecond } = await closedLoop(KEYS, IN_FLIGHT, async (index) => {
      const read = await shard.read(keys[index] as string, { tracked })
      if (!read.found) throw new Error(`no value under ${keys[index]}`)
    })
    return {
      perSecond,
      serverMicros: (cpuMicros(pid) - serverBefore) / KEYS,
      ownMicros: (cpuMicros(process.pid) - ownBefore) / KEYS,
    }
  }

  process.stderr.write(`tracking: ${PAIRS} pairs of ${KEYS} reads\n`)
  await measure(false)
  await measure(true)
  const tracked: Measured[] = []
  const plain: Measured[] = []
  for (let pair = 0; pair < PAIRS; pair += 1) {
    for (const isTracked of pair % 2 === 0 ? [true, false] : [false, true]) {
      const runs = isTracked ? tracked : plain
      runs.push(await measure(isTracked))
    }
  }
  await shard.close()
  await server.stop()

  const ratio = median(tracked.map(({ perSecond }, pair) => perSecond / (plain[pair] as Measured).perSecond))
  const row = (name: string, runs: readonly Measured[]) => [
    name,
    median(runs.map((run) => run.perSecond)).toFixed(0),
    median(runs.map((run) => run.serverMicros)).toFixed(2),
    median(runs.map((run) => run.ownMicros)).toFixed(2),
  ]
  const rows = [
    [`GET of 2 KB, ${IN_FLIGHT} in flight`, 'per second', 'server CPU µs', 'sidecar CPU µs'],
    row('plain', plain),
    row('tracked', tracked),
  ]
  const detail = `${ratio.toFixed(2)} of the plain reads a second (median of ${PAIRS} pairs), at least ${BAR}`
  return { text: table(rows), checks: [{ name: 'tracked reads', passed: ratio >= BAR, detail }] }
}

/** Whoever tracks a key is told that it has changed, and tracks it no more. */
async function touchAll(client: Redis, keys: readonly string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += BATCH) {
    const pipeline = client.pipeline()
    for (const key of keys.slice(from, from + BATCH)) pipeline.pexpire(key, 3_600_000)
    await pipeline.exec()
  }
}
