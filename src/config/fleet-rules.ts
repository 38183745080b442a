import { ruleFor } from './rule.ts'
import type { ShardsConfig } from './sections/shards.ts'

/** What the rule about the size of the fleet looks at. */
export interface FleetView {
  readonly fleet: number | undefined
  readonly topology: ShardsConfig['topology'] | undefined
}

const rule = ruleFor<FleetView>()

export const fleetRules = [
  rule(['fleet', 'topology'], ({ fleet, topology }, report) => {
    if (topology !== 'embedded' || fleet === undefined || fleet === 1) return
    report(['fleet'], 'must be 1 with `topology: embedded`, where sidecars know nothing of each other; or remove it')
  }),
]
