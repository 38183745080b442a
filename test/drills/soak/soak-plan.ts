/** How the time of a soak is divided. */
export interface SoakPlan {
  /** Faults already, so that whatever they make a process hold for good is there before it is measured. */
  readonly warmUpMs: number
  /** No faults: what is measured. Twice, before and after the faults. */
  readonly calmMs: number
  readonly faultsMs: number
  /** No faults, before the second measurement. */
  readonly settleMs: number
}

const MOST = { warmUpMs: 180_000, calmMs: 90_000, settleMs: 30_000 }

export function soakPlan(minutes: number): SoakPlan {
  const whole = minutes * 60_000
  const warmUpMs = Math.min(MOST.warmUpMs, whole * 0.2)
  const calmMs = Math.min(MOST.calmMs, whole * 0.1)
  const settleMs = Math.min(MOST.settleMs, whole * 0.05)
  return { warmUpMs, calmMs, settleMs, faultsMs: whole - warmUpMs - 2 * calmMs - settleMs }
}
