import { readFileSync } from 'node:fs'

/** The SQL that docs/events.md has under a heading that contains `heading`, block by block. */
export function documentedSql(heading: string): readonly string[] {
  const docs = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')
  const section = docs.split(/^## /m).find((text) => text.split('\n', 1)[0]?.includes(heading))
  if (section === undefined) throw new Error(`docs/events.md has no section about ${heading}`)
  return [...section.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map(([, sql]) => sql as string)
}
