import type { Path } from './path.ts'
import type { Report } from './problem.ts'

/** A check across the fields of one section. It is skipped where a field that it reads is wrong by itself. */
export type Rule<Fields> = (fields: Partial<Fields>, report: Report) => void

/** Makes rules over `Fields`: each names the fields it reads, and sees no others. */
export function ruleFor<Fields extends object>() {
  return <Key extends keyof Fields>(
    reads: readonly Key[],
    check: (fields: Pick<Fields, Key>, report: Report) => void,
  ): Rule<Fields> =>
    (fields, report) => {
      if (reads.every((key) => key in fields)) check(fields as Pick<Fields, Key>, report)
    }
}

/** Runs rules over what is right of the section at `path`; a field that is wrong is absent from `fields`. */
export function runRules<Fields>(
  rules: readonly Rule<Fields>[],
  fields: Partial<Fields>,
  path: Path,
  report: Report,
): void {
  for (const rule of rules) rule(fields, (inner, message, line) => report([...path, ...inner], message, line))
}
