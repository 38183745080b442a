import pg from 'pg'

/** What is to be said of the parameters of a statement when it is prepared. */
export interface SqlParameters {
  /** Up to the largest that the statement uses; the server refuses more. */
  readonly count: number
  /** Type of each: 0 = to be inferred from its use. */
  readonly types: readonly number[]
}

const INFERRED = 0

/** A parameter that is not used, below one that is, has no use to infer a type from: it is text. */
export function parametersOf(statement: string): SqlParameters {
  const used = new Set([...statement.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)))
  const count = Math.max(0, ...used)
  const types = Array.from({ length: count }, (_, at) => (used.has(at + 1) ? INFERRED : pg.types.builtins.TEXT))
  return { count, types: Object.assign(types, { getTypeParser: () => asSent }) }
}

const asSent = (text: string) => text
