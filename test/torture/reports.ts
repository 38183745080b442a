import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Witness } from './witness.ts'

/** Writes what is known of every violation to a file, and says where it is. */
export function saveReports({ violations, violated }: Witness, seed: number): string {
  const path = join(mkdtempSync(join(tmpdir(), 'ringside-violations-')), `seed-${seed}.txt`)
  const reports = violations.map(({ violation, fault }) => `after ${fault}: ${violation.report}`)
  const head = `seed ${seed}: ${violated} violations, the first ${violations.length} of them here`
  writeFileSync(path, `${[head, ...reports].join('\n\n')}\n`)
  return path
}
