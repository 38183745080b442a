import { startRedis } from '../support/redis.ts'
import { LOAD_CORE, moveTo, runChild, SERVER_CORE } from './child.ts'
import { cpuMicros } from './cpu.ts'
import { processOf } from './engine-rig.ts'
import { VALUE_BYTES } from './run.ts'
import type { Measured } from './with-cpu.ts'

const CLIENTS = 40
/** What redis-benchmark asks for when it is not told to vary the key. */
const KEY = 'key:__rand_int__'

/** A redis-server on the servers' core, asked for one value of 2 KB by redis-benchmark. */
export async function startYardstick() {
  const server = await startRedis()
  const pid = processOf(await server.client.info('server'))
  moveTo(SERVER_CORE, pid)
  await server.client.set(KEY, Buffer.alloc(VALUE_BYTES, 'x'))
  return {
    async measure(count: number): Promise<Measured> {
      const settings = { p: server.port, c: CLIENTS, n: count, t: 'get', d: VALUE_BYTES }
      const flags = Object.entries(settings).flatMap(([name, value]) => [`-${name}`, String(value)])
      const before = cpuMicros(pid)
      const output = await runChild(LOAD_CORE, ['redis-benchmark', ...flags, '--csv'])
      const [, perSecond, meanMs] = output.match(/^"GET","([\d.]+)","([\d.]+)"/m) ?? []
      const cpuPerRequest = (cpuMicros(pid) - before) / count
      return { requests: count, perSecond: Number(perSecond), meanMs: Number(meanMs), p99Ms: Number.NaN, cpuPerRequest }
    },
    stop: () => server.stop(),
  }
}
