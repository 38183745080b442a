import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { systemChance } from '../../../src/base/chance.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { ENGINE_NAMES, type Engine } from '../../support/engines.ts'
import { fuzz, type Seen } from './fuzz.ts'

const MIB = 1024 * 1024
const PROGRESS_MS = 5_000
const HUNG_MS = 15_000
/** Garbage that is not collected yet is among what is held. */
const MOST_BYTES = 1024 * MIB
const KEPT_BYTES = 64 * MIB

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'wire' },
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    /** The connection to begin with. */
    from: { type: 'string', default: '0' },
  },
})
const [frames, from] = [Number(values.frames), Number(values.from)]
const seed = values.seed === undefined ? Math.floor(systemChance.uniform() * 2 ** 31) : Number(values.seed)
if (!(ENGINE_NAMES as string[]).includes(values.engine) || !(frames > 0) || !Number.isSafeInteger(seed + from)) {
  process.stderr.write(`--engine takes one of ${ENGINE_NAMES.join(',')}, --frames, --seed and --from take integers\n`)
  process.exit(2)
}

const print = (text: string) => process.stdout.write(`${text}\n`)

function line({ frames, connections, answered, slowestMs, mostBytes, lingering }: Seen): string {
  const memory = `at most ${Math.round(mostBytes / MIB)} MiB`
  return `${frames} frames, ${connections} connections, ${answered} good calls (slowest ${Math.round(slowestMs)} ms), ${memory}, ${lingering} lingering`
}

/** A loop that never ends stops this thread, and with it all that could tell: another thread ends the process. */
const beat = new Int32Array(new SharedArrayBuffer(8))
const watchdog = new Worker(
  `const { workerData: { beat, hungMs, seed } } = require('node:worker_threads')
   let last = -1
   setInterval(() => {
     if (beat[0] === last) {
       require('node:fs').writeSync(2, 'seed ' + seed + ': hung near connection ' + beat[1] + '\\n')
       process.kill(process.pid, 'SIGKILL')
     }
     last = beat[0]
   }, hungMs)`,
  { eval: true, workerData: { beat, hungMs: HUNG_MS, seed } },
)
const tick = () => {
  Atomics.add(beat, 0, 1)
  systemClock.after(1_000, tick)
}
tick()

print(`engine ${values.engine}, seed ${seed}, ${frames} frames`)
let toldAt = systemClock.now()
const seen = await fuzz({
  engine: values.engine as Engine,
  seed,
  frames,
  from,
  onProgress: (now) => {
    Atomics.store(beat, 1, now.connections)
    if (systemClock.now() - toldAt < PROGRESS_MS) return
    toldAt = systemClock.now()
    print(line(now))
  },
})
await watchdog.terminate()
print(`${line(seen)}, ${Math.round(seen.keptBytes / MIB)} MiB kept`)
for (const fault of seen.faults) print(fault)
const isWell =
  seen.faults.length === 0 && seen.lingering === 0 && seen.mostBytes < MOST_BYTES && seen.keptBytes < KEPT_BYTES
print(isWell ? 'nothing failed' : 'FAILED')
process.exit(isWell ? 0 : 1)
