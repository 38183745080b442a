import type { Parsed } from './parsed.ts'

const UNITS_BYTES = {
  GiB: 1024 ** 3,
  GB: 1000 ** 3,
  MiB: 1024 ** 2,
  MB: 1000 ** 2,
  KiB: 1024,
  KB: 1000,
  B: 1,
} as const
type Unit = keyof typeof UNITS_BYTES

const SHAPE = /^(\d{1,15}(?:\.\d{1,9})?)(GiB|GB|MiB|MB|KiB|KB|B)$/

/** Bytes of a size such as `64MiB`, `10MB` or `512B`. A plain 0 needs no unit. */
export function parseSize(text: string): Parsed<number> {
  if (text === '0') return { ok: true, value: 0 }
  if (/^-?[\d.]+$/.test(text)) return { ok: false, why: 'has no unit; write a unit, such as 64MiB' }
  const match = SHAPE.exec(text)
  if (match === null) return { ok: false, why: 'is not a size; write one such as 512B, 4KiB, 10MB, 64MiB or 1GiB' }
  const exact = Number(match[1]) * UNITS_BYTES[match[2] as Unit]
  const value = Math.round(exact)
  if (Math.abs(exact - value) > 1e-6) return { ok: false, why: 'is no whole number of bytes; write a smaller unit' }
  if (!Number.isSafeInteger(value)) return { ok: false, why: 'is too large; write a smaller size, such as 64MiB' }
  return { ok: true, value }
}

/** The shortest exact text of whole bytes: the largest unit that leaves no remainder. */
export function formatSize(bytes: number): string {
  if (bytes === 0) return '0B'
  for (const [unit, unitBytes] of Object.entries(UNITS_BYTES)) {
    if (bytes % unitBytes === 0) return `${bytes / unitBytes}${unit}`
  }
  return `${bytes}B`
}
