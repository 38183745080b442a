import { pause, systemClock } from '../../src/base/clock.ts'
import type { Direction, TcpForwarder } from '../support/tcp-forwarder.ts'
import type { TorturedShard } from './cluster.ts'
import { type Fault, lasting, type World } from './fault.ts'

/** The roads to a shard from one sidecar, or from all. */
function someRoads({ roads }: TorturedShard, { chance }: World): readonly TcpForwarder[] {
  return chance.happens(0.5) ? roads : [chance.pick(roads)]
}

async function cut(shard: TorturedShard, world: World): Promise<boolean> {
  const roads = someRoads(shard, world)
  if (roads.every(({ connections }) => connections === 0)) return false
  for (const road of roads) road.refuse()
  await pause(systemClock, world.chance.happens(0.5) ? 0 : lasting(world, 50, 2_000))
  for (const road of roads) road.welcome()
  return true
}

/** Nothing passes for a while; then everything does, late. */
async function hold(roads: readonly TcpForwarder[], ms: number, directions?: readonly Direction[]): Promise<void> {
  for (const road of roads) road.hold(directions)
  await pause(systemClock, ms)
}

async function blackhole(shard: TorturedShard, world: World): Promise<boolean> {
  const roads = someRoads(shard, world)
  await hold(roads, lasting(world, 200, 4_000))
  for (const road of roads) road.release()
  return true
}

/** The shard does what it is told, and nobody hears of it. */
async function loseReplies(shard: TorturedShard, world: World): Promise<boolean> {
  const roads = someRoads(shard, world)
  await hold(roads, lasting(world, 100, 1_500), ['replies'])
  for (const road of roads) road.cut()
  for (const road of roads) road.release()
  return true
}

/** What sidecars have long given up arrives after all. */
async function delayRequests(shard: TorturedShard, world: World): Promise<boolean> {
  const roads = someRoads(shard, world)
  await hold(roads, lasting(world, 200, 2_500), ['requests'])
  for (const road of roads) road.release()
  return true
}

async function slow(shard: TorturedShard, world: World): Promise<boolean> {
  const roads = someRoads(shard, world)
  const delayMs = world.chance.between(5, 80)
  for (const road of roads) road.slow(delayMs)
  await pause(systemClock, lasting(world, 500, 3_000))
  for (const road of roads) road.slow(0)
  return true
}

export const networkFaults: readonly Fault[] = [
  { name: 'cut', to: 'shard', inflict: cut },
  { name: 'blackhole', to: 'shard', inflict: blackhole },
  { name: 'lost-replies', to: 'shard', inflict: loseReplies },
  { name: 'late-requests', to: 'shard', inflict: delayRequests },
  { name: 'slow', to: 'shard', inflict: slow },
]
