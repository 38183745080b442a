import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import { createNearCache, type NearPolicy } from '../../src/near/create-near-cache.ts'
import { entryBytes } from '../../src/near/entry-cost.ts'
import type { NearCache, NearEntry } from '../../src/near/near-cache.ts'

/** What one process has measured of one case, in bytes and milliseconds. */
export interface NearMemory {
  readonly entries: number
  /** Keys and values. */
  readonly contentBytes: number
  readonly saidBytes: number
  readonly countedBytes: number
  readonly residentBytes: number
  readonly longestCallMs: number
  readonly longestGcMs: number
}

const CHURN = 10
const CALLS_A_TURN = 1_000

/** A fixed course of sizes: log-normal around 1.5 KB, from 100 B to 64 KB. */
function logNormal(uniform: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return Math.round(Math.min(65_536, Math.max(100, Math.exp(Math.log(1_500) + 1.2 * normal))))
}

const sizes: Record<string, (uniform: () => number, put: number, puts: number) => number> = {
  '2 KB': () => 2_048,
  '100 B': () => 100,
  'log-normal': logNormal,
  // The sizes of the last tenth are others than those that filled the cache.
  '100 B, then 10 KB': (_, put, puts) => (put < 0.9 * puts ? 100 : 10_240),
  '10 KB, then 100 B': (_, put, puts) => (put < 0.1 * puts ? 10_240 : 100),
}

/** The same course of numbers in every run (Numerical Recipes' generator). */
function uniformFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const message = Buffer.alloc(70_000, 'x')
const keyAt = (number: number) => `prod:product:v1::${number}`

function entryOf(bytes: number, at: number): NearEntry {
  const value = message.subarray(1, 1 + bytes)
  return { kind: 'value', value, version: 1.7e15 + at, asOf: 1.5, loadedAt: 0.5, freshUntil: 1e12, expiresAt: 1e12 }
}

function counted(): { readonly counted: number; readonly resident: number } {
  for (let round = 0; round < 4; round += 1) globalThis.gc!()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { counted: heapUsed + external, resident: rss }
}

/** Puts `puts` entries, each followed by a get of a recent one; the longest single call in milliseconds. */
async function churn(cache: NearCache, sizeOf: (put: number) => number, puts: number): Promise<number> {
  const uniform = uniformFrom(7)
  let longest = 0
  for (let put = 0; put < puts; put += 1) {
    const entry = entryOf(sizeOf(put), put)
    const key = keyAt(put)
    const asked = keyAt(Math.floor(put - uniform() * 20_000))
    const begunAt = performance.now()
    cache.put(key, entry)
    const betweenAt = performance.now()
    cache.get(asked)
    const endedAt = performance.now()
    longest = Math.max(longest, betweenAt - begunAt, endedAt - betweenAt)
    if (put % CALLS_A_TURN === 0) await turn()
  }
  return longest
}

async function measure(name: string, policy: NearPolicy, capacity: number): Promise<NearMemory> {
  const size = sizes[name]!
  const uniform = uniformFrom(11)
  let sampled = 0
  for (let sample = 0; sample < 10_000; sample += 1) {
    sampled += entryBytes(keyAt(sample), { value: message.subarray(0, size(uniform, sample, 10_000)) })
  }
  const puts = CHURN * capacity
  const sizeOf = (put: number) => size(uniform, put, puts)
  const maxBytes = Math.ceil((capacity * sampled) / 10_000)
  // What is compiled and grown once for all, and where answers live until they are collected, isn't the cost of an entry.
  await churn(createNearCache({ maxBytes, policy }, systemClock), sizeOf, 3 * capacity)
  const before = counted()
  let longestGcMs = 0
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestGcMs = Math.max(longestGcMs, duration)
  })
  observer.observe({ entryTypes: ['gc'] })
  const cache = createNearCache({ maxBytes, policy }, systemClock)
  const longestCallMs = await churn(cache, sizeOf, puts)
  await turn()
  observer.disconnect()
  const after = counted()
  const { entries, bytes } = cache.stats()
  let contentBytes = 0
  for (let put = 0; put < puts; put += 1) {
    const key = keyAt(put)
    contentBytes += (cache.peek(key)?.value.length ?? -key.length) + key.length
  }
  return {
    entries,
    contentBytes,
    saidBytes: bytes,
    countedBytes: after.counted - before.counted,
    residentBytes: after.resident - before.resident,
    longestCallMs,
    longestGcMs,
  }
}

const [name = '2 KB', policy = 'frequency', capacity = '100000'] = process.argv.slice(2)
process.stdout.write(JSON.stringify(await measure(name, policy as NearPolicy, Number(capacity))))
