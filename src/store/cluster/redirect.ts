import { RingsideError } from '../../base/errors.ts'

/** Where a node of a cluster sends a request that is not for it: for good, or for this time only. */
export interface Redirect {
  readonly kind: 'moved' | 'ask'
  readonly slot: number
  /** `host:port`. */
  readonly address: string
}

const SHAPE = /^(MOVED|ASK) (\d+) (\S*:\d+)/

/** What a failed request says, whether in the words of the tier or of the server; `undefined` where it says something else. */
export function redirectOf(error: unknown): Redirect | undefined {
  const said = error instanceof RingsideError ? error.cause : error
  const [, word, slot, address] = said instanceof Error ? (SHAPE.exec(said.message) ?? []) : []
  if (address === undefined) return undefined
  return { kind: word === 'ASK' ? 'ask' : 'moved', slot: Number(slot), address }
}
