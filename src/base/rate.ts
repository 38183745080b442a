import type { Parsed } from './parsed.ts'

const SHAPE = /^(\d{1,12})\/s$/

/** The rate per second that a text such as `5000/s` stands for. */
export function parseRate(text: string): Parsed<number> {
  if (/^-?[\d.]+$/.test(text)) return { ok: false, why: 'has no unit; write so many a second, such as 5000/s' }
  const match = SHAPE.exec(text)
  if (match === null) return { ok: false, why: 'is not a rate; write so many a second, such as 5000/s' }
  return { ok: true, value: Number(match[1]) }
}

export function formatRate(perSecond: number): string {
  return `${perSecond}/s`
}
