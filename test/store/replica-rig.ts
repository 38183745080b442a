import { silentLog } from '../../src/base/log.ts'
import { OwnBeats } from '../../src/store/own-beats.ts'
import { Replica } from '../../src/store/replica.ts'
import { Replicas } from '../../src/store/replicas.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordOf } from './record-of.ts'
import { ScriptedReplica } from './scripted-replica.ts'

export const HEARTBEAT_MS = 1_000
export const EPOCH = 1

/** Replicas of a shard on which this sidecar's heartbeats 10, 11, 12, … of epoch 1 were sent at 0, 100, 200, … ms. */
export function replicaRig() {
  const clock = new ManualClock()
  const beats = new OwnBeats()
  for (let beat = 0; beat < 5; beat += 1) beats.add(EPOCH, 10 + beat, 100 * beat)
  /** One that has replicated up to that stamp, not started yet. */
  const unstarted = (stamp: number, name = 'r') => {
    const server = new ScriptedReplica(clock, { life: { epoch: EPOCH, stamp }, record: recordOf() })
    const chance = { uniform: () => 0.5, bytes: (size: number) => Buffer.alloc(size) }
    const options = { shard: 'a', name, controls: 'test:~', heartbeatMs: HEARTBEAT_MS }
    const replica = new Replica(options, { server, beats, clock, chance, log: silentLog, fleet: () => 1 })
    return { server, replica }
  }
  const replicaAt = async (stamp: number, name?: string) => {
    const made = unstarted(stamp, name)
    await made.replica.start()
    return made
  }
  /** All of them as the replicas of the shard, started by that. */
  const together = async (...made: readonly ReturnType<typeof unstarted>[]) => {
    const replicas = new Replicas(({ server }) => {
      const found = made.find((one) => one.server === server)
      if (found === undefined) throw new Error('the test does not know this server')
      return found.replica
    })
    await replicas.become(made.map(({ server, replica: { name } }) => ({ name, server })))
    return replicas
  }
  return { clock, replicaAt, unstarted, together }
}
