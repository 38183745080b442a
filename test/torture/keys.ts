import { KEYS_PER_KEYSPACE } from './keyspaces.ts'
import type { SeededChance } from './seeded-chance.ts'

/** A few keys are read most of the time. */
export function readKey(chance: SeededChance): string {
  return skewed(chance, 3)
}

/** Writes are spread wider, so that hot keys live in near caches for a while. */
export function writtenKey(chance: SeededChance): string {
  return skewed(chance, 1.3)
}

export function allKeys(): readonly string[] {
  return Array.from({ length: KEYS_PER_KEYSPACE }, (_, index) => `k${index}`)
}

function skewed(chance: SeededChance, exponent: number): string {
  return `k${Math.floor(chance.uniform() ** exponent * KEYS_PER_KEYSPACE)}`
}
