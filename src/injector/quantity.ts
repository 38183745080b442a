import type { Parsed } from '../base/parsed.ts'

const FACTORS: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** An amount of cores or bytes, with the text that Kubernetes is told. */
export interface Quantity {
  readonly text: string
  readonly amount: number
}

const SHAPE = /^(\d{1,15}(?:\.\d{1,9})?)([a-zA-Z]{0,2})$/

/** Reads a quantity as Kubernetes writes them, such as `250m`, `0.5`, `128Mi`, `1G`. */
function parseQuantity(text: string): Quantity | undefined {
  const match = SHAPE.exec(text)
  const factor = match === null ? undefined : FACTORS[match[2] as string]
  return match === null || factor === undefined ? undefined : { text, amount: Number(match[1]) * factor }
}

/** Less than a thousandth of a core cannot be given. */
const LEAST_CORES = 0.001

export function parseCores(text: string): Parsed<Quantity> {
  const quantity = parseQuantity(text)
  if (quantity === undefined || quantity.amount < LEAST_CORES || quantity.amount > 1_000) {
    return { ok: false, why: 'is no amount of CPU; write one such as 50m, 0.5 or 2' }
  }
  return { ok: true, value: quantity }
}

/** Below this Node.js itself hardly starts: the usual mistake is a unit that is missing. */
const LEAST_BYTES = 64 * 2 ** 20

export function parseMemory(text: string): Parsed<Quantity> {
  const quantity = parseQuantity(text)
  if (quantity === undefined) return { ok: false, why: 'is no amount of memory; write one such as 128Mi or 1Gi' }
  if (quantity.amount < LEAST_BYTES) {
    return { ok: false, why: 'is too little for a sidecar; write 64Mi or more' }
  }
  return { ok: true, value: quantity }
}
