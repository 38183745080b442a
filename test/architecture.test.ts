import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/** From the top down; an import points to a lower line, never to another folder of its own. */
const LAYERS: readonly (readonly string[])[] = [
  ['main.ts'],
  ['sidecar.ts', 'serve-injector.ts', 'await-config.ts'],
  [
    'open-shards.ts',
    'open-origins.ts',
    'open-shares.ts',
    'open-heat.ts',
    'open-flush.ts',
    'open-backlogs.ts',
    'open-errands.ts',
    'open-warming.ts',
    'open-locks.ts',
    'open-server.ts',
    'open-probes.ts',
    'open-near.ts',
    'open-reloads.ts',
    'open-events.ts',
    'open-config-events.ts',
    'open-injector.ts',
  ],
  ['cli'],
  ['config'],
  ['rpc', 'admin', 'metrics', 'injector', 'client'],
  ['cache'],
  ['store', 'origin', 'events'],
  ['wire', 'kube'],
  ['near', 'ring', 'hotkey', 'keyspace', 'flight', 'guard'],
  ['base'],
  ['gen'],
]

const LONGEST_FILE = 250
/** A suite that every implementation of an interface passes reads best in one piece. */
const LONGEST_TEST = 400
/** Time and chance come from `base/`, so that a test can move them by hand. */
const AMBIENT =
  /\b(Date\.now|new Date\(\)|setTimeout|setInterval|setImmediate|performance\.now|Math\.random|randomBytes)\b/

interface Source {
  readonly path: string
  readonly text: string
}

const sources = (root: string): Source[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative('.', path), text: readFileSync(path, 'utf8') }))

const own = sources('src').filter(({ path }) => !path.startsWith('src/gen/'))
const folderOf = (path: string): string => relative('src', path).split('/')[0] as string
const layerOf = (folder: string): number => LAYERS.findIndex((layer) => layer.includes(folder))

function importsOf({ path, text }: Source): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    relative('.', resolve(dirname(path), match[1] as string)),
  )
}

describe('the architecture', () => {
  it('knows every folder', () => {
    expect([...new Set(own.map(({ path }) => folderOf(path)))].filter((folder) => layerOf(folder) < 0)).toEqual([])
  })

  it('has imports that point only downwards', () => {
    const wrong = own.flatMap((source) =>
      importsOf(source)
        .filter((target) => folderOf(target) !== folderOf(source.path))
        .filter((target) => layerOf(folderOf(target)) <= layerOf(folderOf(source.path)))
        .map((target) => `${source.path} → ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('has no file over 250 lines', () => {
    const lines = ({ text }: Source) => text.split('\n').length - 1
    const long = [
      ...own.filter((source) => lines(source) > LONGEST_FILE),
      ...sources('test').filter((source) => lines(source) > LONGEST_TEST),
    ]
    expect(long.map((source) => `${source.path}: ${lines(source)}`)).toEqual([])
  })

  it('takes time and chance from base/ only', () => {
    const wrong = own
      .filter(({ path }) => folderOf(path) !== 'base')
      .flatMap(({ path, text }) => (AMBIENT.test(text) ? [`${path}: ${text.match(AMBIENT)?.[0]}`] : []))
    expect(wrong).toEqual([])
  })

  it('names its files in kebab-case, and none of them after nothing', () => {
    const names = own.map(({ path }) => path.split('/').at(-1) as string)
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(name))).toEqual([])
    expect(names.filter((name) => /^(utils?|helpers?|common|types?|index|manager|service)\.ts$/.test(name))).toEqual([])
  })

  it('has a map that tells what it draws', () => {
    // A map without a single import would make every rule above hold.
    expect(own.flatMap(importsOf).length).toBeGreaterThan(own.length)
  })
})
