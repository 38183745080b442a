import type { Path } from './path.ts'

/** One thing that is wrong with a configuration. Quotes no value of it, since any might be a secret. */
export interface ConfigProblem {
  /** Such as `keyspaces.product.ttl`; `(file)` for the whole. */
  readonly path: string
  /** Counted from 1; `undefined` if the problem has no place in the text. */
  readonly line: number | undefined
  /** What is wrong; what is allowed. */
  readonly message: string
}

/** Takes a problem found at `path`; its line is that of the path unless given. */
export type Report = (path: Path, message: string, line?: number) => void

/** `path (line N): what is wrong; what is allowed`. */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? '' : ` (line ${problem.line})`
  return `${problem.path}${place}: ${problem.message}`
}
