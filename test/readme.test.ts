import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { REASONS } from '../src/base/errors.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { STATUS_OF } from '../src/rpc/status.ts'

const readme = readFileSync('README.md', 'utf8')
const STATUS_NAMES: Readonly<Record<string, number>> = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  PERMISSION_DENIED: 7,
}

describe('the README', () => {
  it('lists exactly the reasons of failures, each under its status', () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (.+) \|$/gm)]
    const listed = rows.flatMap(([, status, reasons]) =>
      [...(reasons ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, reason]) => [reason, STATUS_NAMES[status ?? '']]),
    )
    expect(Object.fromEntries(listed)).toEqual(STATUS_OF)
    expect(listed.map(([reason]) => reason).sort()).toEqual([...REASONS].sort())
  })

  it('shows a configuration that is valid', () => {
    const yaml = readme.match(/```yaml\n([\s\S]*?)```/)?.[1] ?? ''
    const env = { REDIS_PASSWORD: 'x', CATALOG_URL: 'postgres://u:p@db/catalog' }
    expect(loadConfig(yaml, { env })).toMatchObject({ ok: true })
  })

  it('names every folder of the sources', () => {
    for (const name of readdirSync('src')) {
      const path = name.endsWith('.ts') ? `src/${name}` : `src/${name}/`
      expect(readme, path).toContain(`\`${path}\``)
    }
  })

  it('names only files, folders and commands that exist', () => {
    const paths = [...readme.matchAll(/(?:`|\()((?:src|test|docs|proto)\/[\w./-]*)(?:`|\))/g)].map(
      ([, path]) => path ?? '',
    )
    expect(paths.length).toBeGreaterThan(20)
    expect(paths.filter((path) => !existsSync(path))).toEqual([])
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
    const commands = [
      ...readme.matchAll(/npm (?:run )?(start|test|bench|build|generate|simulate|torture|interop|fuzz|drill)\b/g),
    ].map(([, name]) => name ?? '')
    expect(commands.filter((name) => !(name in scripts))).toEqual([])
  })
})
