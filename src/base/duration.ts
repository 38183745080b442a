import type { Parsed } from './parsed.ts'

const UNITS_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const
type Unit = keyof typeof UNITS_MS

const SHAPE = /^(\d{1,15}(?:\.\d{1,9})?)(ms|s|m|h|d)$/

/** Milliseconds of a duration such as `250ms`, `1.5s` or `1d`. A plain 0 needs no unit. */
export function parseDuration(text: string): Parsed<number> {
  if (text === '0') return { ok: true, value: 0 }
  if (/^-?[\d.]+$/.test(text)) return { ok: false, why: 'has no unit; write a unit, such as 500ms' }
  const match = SHAPE.exec(text)
  if (match === null) return { ok: false, why: 'is not a duration; write one such as 500ms, 3s, 10m, 1h or 1d' }
  const exact = Number(match[1]) * UNITS_MS[match[2] as Unit]
  const value = Math.round(exact)
  // Decimal fractions are inexact in binary: 1.1s is 1100.0000000000002 ms and is meant as 1100.
  if (Math.abs(exact - value) > 1e-6) return { ok: false, why: 'is finer than 1ms; write whole milliseconds' }
  if (!Number.isSafeInteger(value)) return { ok: false, why: 'is too long; write a shorter duration, such as 365d' }
  return { ok: true, value }
}

/** The shortest exact text of whole milliseconds: the largest unit that leaves no remainder. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  for (const [unit, unitMs] of Object.entries(UNITS_MS)) {
    if (ms % unitMs === 0) return `${ms / unitMs}${unit}`
  }
  return `${ms}ms`
}
