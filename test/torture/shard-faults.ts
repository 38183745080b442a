import { pause, systemClock } from '../../src/base/clock.ts'
import type { TorturedShard } from './cluster.ts'
import { type Fault, lasting, type World } from './fault.ts'

/** Killed, and started again from a snapshot less than a second old: its memory goes back in time. */
async function restartFromSnapshot(shard: TorturedShard, world: World): Promise<boolean> {
  const { pair } = shard
  await pair.snapshot()
  world.witness.note(`snapshot of ${shard.name}`)
  await pause(systemClock, world.chance.between(400, 900))
  await pair.kill()
  world.witness.note(`${shard.name} killed`)
  await pause(systemClock, lasting(world, 0, 1_500))
  await pair.restart()
  world.witness.note(`${shard.name} is back with its snapshot`)
  await pair.inStep()
  return true
}

async function freeze({ pair }: TorturedShard, world: World): Promise<boolean> {
  pair.freeze()
  await pause(systemClock, lasting(world, 200, 4_000))
  pair.thaw()
  return true
}

/** The primary dies while its replica lags, and the replica takes over: the shard goes back in time by the lag. */
async function failOver(shard: TorturedShard, world: World): Promise<boolean> {
  const { pair } = shard
  pair.lag()
  world.witness.note(`the replica of ${shard.name} begins to lag`)
  await pause(systemClock, world.chance.between(400, 1_500))
  await pair.failOver()
  world.witness.note(`${shard.name}: primary killed, replica promoted`)
  await pause(systemClock, lasting(world, 0, 500))
  shard.leadToPrimary()
  await pair.attachReplica()
  shard.leadToReplica()
  return true
}

type ClientKind = 'subscriber' | 'tracking' | 'plain'

/** Has the server close one connection of the sidecars, of one kind; they are told apart by their flags. */
async function killClient({ pair }: TorturedShard, world: World, kind: ClientKind): Promise<boolean> {
  const list = (await pair.primary.client.client('LIST')) as string
  const ids = list
    .split('\n')
    .filter((line) => field(line, 'name').startsWith('ringside') && kindOf(field(line, 'flags')) === kind)
    .map((line) => field(line, 'id'))
  if (ids.length === 0) return false
  await pair.primary.client.client('KILL', 'ID', world.chance.pick(ids))
  return true
}

const kindOf = (flags: string): ClientKind =>
  flags.includes('P') ? 'subscriber' : flags.includes('t') ? 'tracking' : 'plain'

const field = (line: string, name: string): string => line.match(new RegExp(`(?:^| )${name}=(\\S*)`))?.[1] ?? ''

export const shardFaults: readonly Fault[] = [
  { name: 'shard-restart', to: 'shard', inflict: restartFromSnapshot },
  { name: 'shard-freeze', to: 'shard', inflict: freeze },
  { name: 'failover', to: 'shard', inflict: failOver },
  { name: 'kill-plain', to: 'shard', inflict: (shard, world) => killClient(shard, world, 'plain') },
  { name: 'kill-tracking', to: 'shard', inflict: (shard, world) => killClient(shard, world, 'tracking') },
  { name: 'kill-subscriber', to: 'shard', inflict: (shard, world) => killClient(shard, world, 'subscriber') },
]
