import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { formatProblem } from '../../src/config/problem.ts'
import type { Environment } from '../../src/config/variables.ts'

/** The problems of a text, one a line as an operator sees them; none for a good one. */
export function problemsOf(text: string, env: Environment = {}): readonly string[] {
  const result = loadConfig(text, { env })
  return result.ok ? [] : result.problems.map(formatProblem)
}

/** The configuration of a text that must be good. */
export function configOf(text: string, env: Environment = {}, file?: string): Config {
  const result = loadConfig(text, file === undefined ? { env } : { env, file })
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.config
}

/** A good configuration but for what is added to it. */
export const EMBEDDED = 'env: test\nshards: { topology: embedded }\n'
