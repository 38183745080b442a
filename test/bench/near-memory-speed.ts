import { LRUCache } from 'lru-cache'
import { systemClock } from '../../src/base/clock.ts'
import { createNearCache, NEAR_POLICIES } from '../../src/near/create-near-cache.ts'
import type { NearEntry } from '../../src/near/near-cache.ts'
import { median } from './run.ts'
import { table } from './table.ts'

const ENTRIES = 20_000
const ROUNDS = 5

interface Contestant {
  readonly name: string
  put(key: string, value: Buffer): void
  get(key: string): Buffer | undefined
}

function entryOf(value: Buffer): NearEntry {
  return { kind: 'value', value, version: 1, asOf: 1.5, loadedAt: 0.5, freshUntil: 1e12, expiresAt: 1e12 }
}

/** The package `lru-cache` with a Buffer of its own for each value: what it answers is not copied. */
function lruCache(): Contestant {
  const cache = new LRUCache<string, Buffer>({ max: ENTRIES })
  return { name: 'lru-cache', put: (key, value) => cache.set(key, Buffer.from(value)), get: (key) => cache.get(key) }
}

function contestants(valueBytes: number): Contestant[] {
  const maxBytes = ENTRIES * (valueBytes + 300)
  const ours = NEAR_POLICIES.map((policy) => {
    const cache = createNearCache({ maxBytes, policy }, systemClock)
    return {
      name: `near, ${policy}`,
      put: (key: string, value: Buffer) => cache.put(key, entryOf(value)),
      get: (key: string) => cache.get(key)?.value,
    }
  })
  return [lruCache(), ...ours]
}

function nanoseconds(count: number, run: (index: number) => void): number {
  const begunAt = performance.now()
  for (let index = 0; index < count; index += 1) run(index)
  return ((performance.now() - begunAt) * 1e6) / count
}

/** Nanoseconds of a put into a full cache and of a get that hits, the contestants taking turns. */
function rowsOf(valueBytes: number): string[][] {
  const value = Buffer.alloc(valueBytes, 'x')
  const entrants = contestants(valueBytes).map((contestant) => ({ contestant, puts: [0], gets: [0] }))
  for (let round = 0; round < ROUNDS; round += 1) {
    const keys = Array.from({ length: 3 * ENTRIES }, (_, at) => `prod:product:v1::${round}-${at}`)
    const hot = keys.slice(-ENTRIES / 20)
    for (const { contestant, puts, gets } of entrants) {
      puts[round] = nanoseconds(keys.length, (at) => contestant.put(keys[at]!, value))
      gets[round] = nanoseconds(200_000, (at) => contestant.get(hot[at % hot.length]!))
    }
  }
  const peer = entrants[0]!
  return entrants.map(({ contestant, puts, gets }) => [
    `${contestant.name}, ${valueBytes} B`,
    median(puts).toFixed(0),
    (median(puts) / median(peer.puts)).toFixed(2),
    median(gets).toFixed(0),
    (median(gets) / median(peer.gets)).toFixed(2),
  ])
}

const rows = [100, 2_048].flatMap(rowsOf)
process.stdout.write(`${table([['', 'put ns', 'to lru-cache', 'get ns', 'to lru-cache'], ...rows])}\n`)
