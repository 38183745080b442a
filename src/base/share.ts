import type { Parsed } from './parsed.ts'

const SHAPE = /^(\d{1,3}(?:\.\d{1,6})?)%$/

/** The share, 0 to 1, that a percentage such as `10%` or `2.5%` stands for. */
export function parseShare(text: string): Parsed<number> {
  if (/^-?[\d.]+$/.test(text)) return { ok: false, why: 'has no percent sign; write a percentage, such as 10%' }
  const match = SHAPE.exec(text)
  const percent = Number(match?.[1])
  if (match === null || percent > 100) return { ok: false, why: 'is not a percentage; write one from 0% to 100%' }
  return { ok: true, value: percent / 100 }
}

export function formatShare(share: number): string {
  // Twelve digits hide the binary error of the hundredfold: 0.07 * 100 is 7.000000000000001.
  return `${Number((share * 100).toPrecision(12))}%`
}
