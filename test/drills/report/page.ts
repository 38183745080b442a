import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { Invariant } from '../invariants.ts'
import type { Figure } from './figures.ts'

/** A report: verdicts first, then what they rest on. */
export interface Page {
  readonly title: string
  readonly intro: string
  /** The command that repeats it. */
  readonly command: string
  readonly setting: string
  readonly verdicts: readonly Invariant[]
  /** Markdown. */
  readonly sections: readonly string[]
  readonly figures: readonly Figure[]
}

/** Writes the page and its pictures into the folder; answers the path of the page. */
export function writePage(folder: string, page: Page): string {
  mkdirSync(folder, { recursive: true })
  for (const { file, svg } of page.figures) writeFileSync(join(folder, file), svg)
  const path = join(folder, 'README.md')
  writeFileSync(path, `${textOf(page).join('\n\n')}\n`)
  return path
}

function textOf({ title, intro, command, setting, verdicts, sections, figures }: Page): string[] {
  const rows = verdicts.map(
    ({ name, passed, seen }) => `| ${passed ? 'passed' : '**FAILED**'} | ${name} | ${inCell(seen)} |`,
  )
  const processor = (cpus()[0]?.model ?? 'an unknown processor').trim()
  return [
    `# ${title}`,
    intro,
    `\`${command}\`, on ${cpus().length} cores of ${processor}, Node ${process.versions.node}, ${process.platform}.`,
    setting,
    '## Verdicts',
    ['| | promise | seen |', '|---|---|---|', ...rows].join('\n'),
    ...sections,
    ...(figures.length === 0 ? [] : ['## What each second looked like']),
    ...figures.map(({ file, title: caption }) => `![${caption}](${file})`),
  ]
}

/** Text of any kind in a cell of a table. */
export const inCell = (text: string): string => text.replace(/\s+/g, ' ').replace(/\|/g, '\\|')
