import type { Change, Observation } from './observation.ts'
import type { Slice } from './slice.ts'

/** What a load tells, a line of JSON each. */
export type LoadLine =
  | { readonly kind: 'began'; readonly at: number }
  | { readonly kind: 'slices'; readonly slices: readonly Slice[] }
  | { readonly kind: 'changed'; readonly change: Change }
  /** The last one. */
  | {
      readonly kind: 'ended'
      readonly shown: readonly (readonly [key: number, revision: number])[]
      readonly breaches: readonly Observation[]
    }
