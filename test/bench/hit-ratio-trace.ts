import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const TRACES = ['web07', 'web12', 'orm-busy', 'orm-night'] as const
export type TraceName = (typeof TRACES)[number]

/** A recorded stream of requests, its keys renumbered 0..distinct-1 in the order of their first appearance. */
export interface Trace {
  readonly name: TraceName
  readonly ids: Uint32Array
  readonly distinct: number
}

/** Reads `traces/<name>.trace.xz` through the `xz` program: big-endian int32 keys, one after the other. */
export async function readTrace(name: TraceName): Promise<Trace> {
  const path = fileURLToPath(new URL(`traces/${name}.trace.xz`, import.meta.url))
  const { stdout } = await promisify(execFile)('xz', ['-dc', path], { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 })
  const numbers = new Map<number, number>()
  const ids = new Uint32Array(stdout.length / 4)
  for (let at = 0; at < ids.length; at += 1) {
    const key = stdout.readInt32BE(at * 4)
    const known = numbers.get(key)
    const id = known ?? numbers.size
    if (known === undefined) numbers.set(key, id)
    ids[at] = id
  }
  return { name, ids, distinct: numbers.size }
}
