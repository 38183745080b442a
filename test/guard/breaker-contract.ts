import { type Advance, BreakerRig, type MakeBreaker } from './breaker-rig.ts'
import { closedContract } from './closed-contract.ts'
import { reopeningContract } from './reopening-contract.ts'

/** Checks what `Breaker` promises. */
export function breakerContract(make: MakeBreaker, advance: Advance) {
  const rig = new BreakerRig(make, advance)
  closedContract(rig)
  reopeningContract(rig)
}
