import { systemChance } from '../../src/base/chance.ts'
import { silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import { ShardLife } from '../../src/store/shard-life.ts'
import { TierShard } from '../../src/store/tier-shard.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { ScriptedServer } from './scripted-server.ts'

export const HEARTBEAT_MS = 200

function surroundings() {
  const clock = new ManualClock()
  const server = new ScriptedServer(clock)
  const options = {
    name: 'a',
    controls: 'test:~',
    member: 'm',
    timeoutMs: 1_000,
    heartbeatMs: HEARTBEAT_MS,
    rules: ALL_RULES,
  }
  const parts = { server, clock, chance: systemChance, log: silentLog, onChanged: () => undefined }
  return { clock, server, options, parts }
}

/** A shard over a server that does what the test says, started. */
export async function scriptedShard() {
  const { clock, server, options, parts } = surroundings()
  const shard = new TierShard(options, parts)
  await shard.start()
  return { clock, server, shard }
}

/** Its life alone, started. */
export async function scriptedLife() {
  const { clock, server, options, parts } = surroundings()
  const life = new ShardLife(options, parts)
  await life.start()
  return { clock, server, life, options, parts }
}
