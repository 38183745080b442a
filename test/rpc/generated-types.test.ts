import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const fresh = mkdtempSync(join(tmpdir(), 'ringside-gen-'))

afterAll(() => rmSync(fresh, { recursive: true, force: true }))

function filesOf(folder: string): Map<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = found.map((entry) => join(entry.parentPath, entry.name)).sort()
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]))
}

describe('src/gen', () => {
  it('is what `npm run generate` makes of the proto files', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: { generate: string }
    }
    const [generator, ...options] = /proto-loader-gen-types .*/.exec(scripts.generate)![0].split(' ')
    expect(options).toContain('--outDir=src/gen')
    const redirected = options.map((option) => (option === '--outDir=src/gen' ? `--outDir=${fresh}` : option))
    execFileSync(join(root, 'node_modules/.bin', generator!), redirected, { cwd: root, stdio: 'pipe' })
    expect(filesOf(join(root, 'src/gen'))).toStrictEqual(filesOf(fresh))
  })
})
