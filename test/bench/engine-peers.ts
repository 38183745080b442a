import type { Check } from './check.ts'
import { type EngineRig, OURS } from './engine-rig.ts'
import { inTurns, midOf, type Paired, ratioOf } from './in-turns.ts'
import { countFor, type NearLoad, nearHits } from './near-hits.ts'
import { startYardstick } from './redis-yardstick.ts'
import { VALUE_BYTES } from './run.ts'
import { table } from './table.ts'
import type { Measured } from './with-cpu.ts'

const REDIS_ROUNDS = 6
const SOCKET_ROUNDS = 5
const SECONDS = 0.8
const REDIS_REQUESTS = 80_000
const SOCKET_BAR = 1.05

const FORTY: NearLoad = { valueBytes: VALUE_BYTES, connections: 4, inFlight: 10 }

/** Forty near hits in flight, beside forty at a redis-server, and by socket beside TCP. */
export async function enginePeers({ sidecars: [ours] }: EngineRig) {
  const count = await countFor(SECONDS, ours!, FORTY)
  const redis = await startYardstick()
  await redis.measure(REDIS_REQUESTS)
  const besideRedis = await inTurns(`engine: ${OURS} beside redis-server`, REDIS_ROUNDS, () => [
    () => nearHits(ours!, count, FORTY),
    () => redis.measure(REDIS_REQUESTS),
  ])
  await redis.stop()
  const besideTcp = await inTurns('engine: socket beside TCP', SOCKET_ROUNDS, () => [
    () => nearHits(ours!, count, { ...FORTY, bySocket: true }),
    () => nearHits(ours!, count, FORTY),
  ])
  const checks = [
    check('40 near hits in flight, beside redis-benchmark', besideRedis, 1),
    check('near hits by Unix socket, beside TCP', besideTcp, SOCKET_BAR),
  ]
  return { text: table([HEADINGS, row(OURS, besideRedis, 'redis'), row('by socket', besideTcp, 'TCP')]), checks }
}

const HEADINGS = [
  '4 x 10 in flight, 2 KB',
  '/s',
  'peer /s',
  'ratio',
  'mean µs',
  'peer µs',
  'CPU µs',
  'peer CPU µs',
  'peer',
]

const throughput = (run: Measured): number => run.perSecond

function row(name: string, paired: Paired<Measured>, peer: string): string[] {
  const both = (of: (run: Measured) => number, digits = 0) => [
    midOf(paired.ours, of, digits),
    midOf(paired.peers, of, digits),
  ]
  return [
    name,
    ...both(throughput),
    ratioOf(paired, throughput).toFixed(2),
    ...both((run) => run.meanMs * 1_000),
    ...both((run) => run.cpuPerRequest, 1),
    peer,
  ]
}

function check(name: string, paired: Paired<Measured>, bar: number): Check {
  const ratio = ratioOf(paired, throughput)
  return { name, passed: ratio >= bar, detail: `${ratio.toFixed(2)} a second, at least ${bar}` }
}
