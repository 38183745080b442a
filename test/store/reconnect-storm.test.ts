import { expect, it } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import { LineKeeper } from '../../src/store/line-keeper.ts'
import { OwnBeats } from '../../src/store/own-beats.ts'
import { SILENT_BEAT } from '../../src/store/silent-beat.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { SeededChance } from '../torture/seeded-chance.ts'
import { ScriptedServer } from './scripted-server.ts'

const SIDECARS = 1_000
const HEARTBEAT_MS = 1_000
const WINDOW_MS = 100
/** One sidecar a millisecond, and what chance adds to a window. */
const MOST_IN_WINDOW = WINDOW_MS * 1.5

/** So many sidecars with a line to one server. */
async function fleetOf(sidecars: number) {
  const clock = new ManualClock()
  const server = new ScriptedServer(clock)
  const chance = new SeededChance(1)
  const keepers = Array.from(
    { length: sidecars },
    (_, index) =>
      new LineKeeper(
        { shard: 'a', controls: 'test:~', heartbeatMs: HEARTBEAT_MS, probeName: undefined, rules: ALL_RULES },
        {
          server,
          beats: new OwnBeats(),
          clock,
          chance,
          log: silentLog,
          say: () => ({ ...SILENT_BEAT, member: `m${index}` }),
          onHeard: () => false,
          mayProve: () => true,
          onChanged: () => undefined,
          onLost: () => undefined,
          fleet: () => sidecars,
        },
      ),
  )
  await Promise.all(keepers.map((keeper) => keeper.start()))
  /** All lines break at this moment. */
  const cut = () => {
    for (const line of [...server.dialled]) line.lose()
    server.dials.length = 0
    server.beats.length = 0
  }
  const close = () => {
    for (const keeper of keepers) keeper.close()
  }
  return { clock, server, cut, close }
}

/** The most moments that fall into one window. */
function busiest(moments: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const moment of moments) {
    const window = Math.floor(moment / WINDOW_MS)
    counts.set(window, (counts.get(window) ?? 0) + 1)
  }
  return Math.max(...counts.values())
}

it('spreads a thousand sidecars that lose one server at one moment over a second', async () => {
  const { clock, server, cut, close } = await fleetOf(SIDECARS)
  cut()
  await clock.advance(1_025)
  expect(server.open).toBe(SIDECARS)
  expect(server.dials).toHaveLength(SIDECARS)
  expect(busiest(server.dials)).toBeLessThan(MOST_IN_WINDOW)
  // Their heartbeats go on as they have come.
  await clock.advance(2 * HEARTBEAT_MS)
  expect(busiest(server.beats)).toBeLessThan(MOST_IN_WINDOW)
  close()
})

it('spreads them over three seconds when that server has been away for longer', async () => {
  const { clock, server, cut, close } = await fleetOf(SIDECARS)
  server.isDown = true
  cut()
  await clock.advance(4_000)
  // First attempts and second ones may fall together.
  expect(busiest(server.dials)).toBeLessThan(2 * WINDOW_MS)
  server.dials.length = 0
  server.isDown = false
  await clock.advance(3_000)
  expect(server.open).toBe(SIDECARS)
  expect(server.dials).toHaveLength(SIDECARS)
  expect(busiest(server.dials)).toBeLessThan(MOST_IN_WINDOW)
  expect(busiest(server.beats)).toBeLessThan(MOST_IN_WINDOW)
  close()
})

it('lets one of a few be back in no time', async () => {
  const { clock, server, cut, close } = await fleetOf(3)
  cut()
  await clock.advance(75)
  expect(server.open).toBe(3)
  close()
})
