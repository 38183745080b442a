import { pause, systemClock } from '../../src/base/clock.ts'
import { type Fault, lasting } from './fault.ts'
import { USUALLY_FAILING } from './model-origin.ts'

/** What happens to sidecars, and to the origin behind them. */
export const processFaults: readonly Fault[] = [
  {
    name: 'sidecar-freeze',
    to: 'sidecar',
    async inflict(sidecar, world) {
      sidecar.freeze()
      await pause(systemClock, lasting(world, 200, 4_000))
      sidecar.thaw()
      return true
    },
  },
  {
    name: 'sidecar-restart',
    to: 'sidecar',
    async inflict(sidecar, world) {
      await sidecar.kill()
      await pause(systemClock, lasting(world, 0, 1_000))
      await sidecar.restart()
      return true
    },
  },
  {
    name: 'origin-outage',
    to: 'origin',
    async inflict(origin, world) {
      origin.failing = 1
      await pause(systemClock, lasting(world, 200, 3_000))
      origin.failing = USUALLY_FAILING
      return true
    },
  },
]
