import { quoted } from '../base/quoted.ts'

/** Where something stands in the configuration: the keys and list positions that lead to it. */
export type Path = readonly (string | number)[]

const PLAIN = /^[A-Za-z0-9._-]{1,64}$/

/** `keyspaces.product.ttl`, `shards.nodes[0].name`; `(file)` for the whole. */
export function pathText(path: Path): string {
  if (path.length === 0) return '(file)'
  return path.map((step, index) => stepText(step, index === 0)).join('')
}

/** One text per path, for maps and sets of paths. */
export function pathId(path: Path): string {
  return JSON.stringify(path)
}

function stepText(step: string | number, first: boolean): string {
  if (typeof step === 'number') return `[${step}]`
  if (!PLAIN.test(step)) return `[${quoted(step)}]`
  return first ? step : `.${step}`
}
