import { describeConfig } from '../config/describe-config.ts'
import type { LoadResult } from '../config/load-config.ts'
import { formatProblem } from '../config/problem.ts'

/** What `--check` prints: the effective configuration with its secrets masked, or every problem at once. */
export function checkReport(result: LoadResult): { readonly valid: boolean; readonly text: string } {
  if (result.ok) return { valid: true, text: describeConfig(result.config) }
  const { problems } = result
  const lines = problems.map((problem) => `  ${formatProblem(problem)}`)
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return { valid: false, text: `ringside: the configuration has ${count}:\n${lines.join('\n')}\n` }
}
