/** Where on the picture a number lies, and which numbers are written beside it. */
export interface Axis {
  readonly ticks: readonly number[]
  /** 0 at the lower end, 1 at the upper one. */
  place(value: number): number
}

const TICKS = 5

/** From 0 up, in steps of 1, 2, 2.5 or 5 times a power of ten. */
export function linearAxis(values: readonly number[], least: number): Axis {
  const most = Math.max(least, ...values)
  const power = 10 ** Math.floor(Math.log10(most / TICKS))
  const step = ([1, 2, 2.5, 5, 10].find((times) => times * power * TICKS >= most) ?? 10) * power
  const top = Math.ceil(most / step - 1e-9) * step
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step)
  return { ticks, place: (value) => value / top }
}

/** Whole powers of ten; what lies below the lowest is drawn at it. */
export function logarithmicAxis(values: readonly number[]): Axis {
  const above = values.filter((value) => value > 0)
  const low = Math.floor(Math.log10(Math.min(1, ...above)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(1, ...above))))
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
  return { ticks, place: (value) => Math.max(0, (Math.log10(Math.max(value, 1e-9)) - low) / (high - low)) }
}
