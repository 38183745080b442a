import { join } from 'node:path'
import { writeVerdicts } from './index-page.ts'
import { type Page, writePage } from './page.ts'

/** Writes the page of a measurement into a folder of its own, and the index; answers the path of the page. */
export function writeJudgement(out: string, folder: string, page: Page): string {
  const path = writePage(join(out, folder), page)
  writeVerdicts(out, folder, page)
  return path
}
