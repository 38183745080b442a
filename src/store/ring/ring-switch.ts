import type { NumberedRing } from './ring-hearsay.ts'

/** A ring that is being gone over to. */
export interface RingSwitch extends NumberedRing {
  /** How many slices of the keys are read by it. 0 = it is announced, and not everybody has heard. */
  readonly slices: number
  readonly steppedAt: number
}

export function announced({ ring, number }: NumberedRing): RingSwitch {
  return { ring, number, slices: 0, steppedAt: 0 }
}
