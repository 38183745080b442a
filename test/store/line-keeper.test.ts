import { expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import { LineKeeper } from '../../src/store/line-keeper.ts'
import { OwnBeats } from '../../src/store/own-beats.ts'
import { SILENT_BEAT } from '../../src/store/silent-beat.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { ScriptedServer } from './scripted-server.ts'

const HEARTBEAT_MS = 200

function rig(probeName: string | undefined) {
  const clock = new ManualClock()
  const server = new ScriptedServer(clock)
  const keeper = new LineKeeper(
    { shard: 'a', controls: 'test:~', heartbeatMs: HEARTBEAT_MS, probeName, rules: ALL_RULES },
    {
      server,
      beats: new OwnBeats(),
      clock,
      chance: systemChance,
      log: silentLog,
      say: () => ({ ...SILENT_BEAT, member: 'm' }),
      onHeard: () => false,
      mayProve: () => true,
      onChanged: () => undefined,
      onLost: () => undefined,
      fleet: () => 1,
    },
  )
  return { clock, server, keeper }
}

it('dials one line at a time, also when lines are lost while they are introduced', async () => {
  const { clock, server, keeper } = rig(undefined)
  server.breaksAtFirstRequest = true
  await keeper.start()
  await clock.advance(20_000)
  // Up to two seconds between attempts, after a few that come sooner.
  expect(server.dialled.length).toBeLessThan(30)
  server.breaksAtFirstRequest = false
  await clock.advance(5_000)
  expect(server.open).toBe(1)
  expect(keeper.open).toBeDefined()
  keeper.close()
  expect([server.open, clock.pending]).toEqual([0, 0])
})

it('dials at once when it is told that what it waits for is there', async () => {
  const { clock, server, keeper } = rig(undefined)
  server.breaksAtFirstRequest = true
  await keeper.start()
  await clock.advance(20_000)
  server.breaksAtFirstRequest = false
  keeper.found()
  // At most as long as after the first failure.
  await clock.advance(75)
  expect(keeper.open).toBeDefined()
  const { open } = keeper
  keeper.found()
  await clock.advance(10_000)
  expect([keeper.open === open, server.open]).toEqual([true, 1])
  keeper.close()
})

it('proves the line of a reader current up to its last heartbeat that went all the way', async () => {
  const { clock, keeper } = rig('m')
  await keeper.start()
  const proof = keeper.open?.proof
  for (let beat = 0; beat < 3; beat += 1) {
    await clock.advance(HEARTBEAT_MS)
    expect(proof?.provenAt).toBeGreaterThan(clock.now() - HEARTBEAT_MS)
  }
  keeper.close()
  expect(proof?.lost).toBe(true)
})

it('leaves a line whose channel has gone silent for a new one', async () => {
  const { clock, server, keeper } = rig('m')
  await keeper.start()
  await clock.advance(HEARTBEAT_MS)
  const before = keeper.open
  server.isMute = true
  await clock.advance(20 * HEARTBEAT_MS)
  expect(before?.proof.lost).toBe(true)
  server.isMute = false
  await clock.advance(5_000)
  expect(keeper.open).not.toBe(before)
  expect(keeper.open?.proof.provenAt).toBeGreaterThan(clock.now() - 2 * HEARTBEAT_MS)
  keeper.close()
})

it('takes the loss of a line for the end of what it proved, and dials anew', async () => {
  const { clock, server, keeper } = rig('m')
  await keeper.start()
  await clock.advance(HEARTBEAT_MS)
  const proof = keeper.open?.proof
  server.dialled[0]?.lose()
  expect([proof?.lost, proof?.provenAt, keeper.open]).toEqual([true, Number.NEGATIVE_INFINITY, undefined])
  await clock.advance(1_000)
  expect(keeper.open?.proof.lost).toBe(false)
  expect(server.dialled).toHaveLength(2)
  keeper.close()
})
