import { randomBytes } from 'node:crypto'

/** Chance, passed in like time. */
export interface Chance {
  /** Uniform in [0, 1). */
  uniform(): number
  /** `size` unpredictable bytes. */
  bytes(size: number): Buffer
}

export const systemChance: Chance = {
  uniform: () => Math.random(),
  bytes: (size) => randomBytes(size),
}
