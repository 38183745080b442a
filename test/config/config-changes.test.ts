import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configChanges } from '../../src/config/config-changes.ts'
import { configOf } from './loading.ts'

/** Two values of each key of the file that stands for itself, and whether the second takes effect at once. */
const KEYS: readonly (readonly [key: string, before: string, after: string, when: 'hot' | 'cold'])[] = [
  ['env', 'test', 'other', 'cold'],
  ['fleet', '10', '20', 'cold'],
  ['heartbeat', '1s', '2s', 'cold'],
  ['drain', '10s', '20s', 'cold'],
  ['linger', '0s', '20s', 'cold'],
  ['listen.grpc', '"h:1"', '"h:2"', 'cold'],
  ['listen.socket', '/a', '/b', 'cold'],
  ['listen.admin', '"h:3"', '"h:4"', 'cold'],
  ['listen.health', '"h:5"', 'off', 'cold'],
  ['listen.engine', 'wire', 'grpc-js', 'cold'],
  ['near.maxBytes', 'auto', '1MiB', 'cold'],
  ['near.policy', 'lru', 'ttl', 'cold'],
  ['near.prewarm', 'true', 'false', 'cold'],
  ['hot.leastRate', '1/s', '2/s', 'cold'],
  ['hot.targetShare', '10%', '20%', 'cold'],
  ['hot.labels', '1', '2', 'cold'],
  ['lease.ttl', '3s', '4s', 'cold'],
  ['lease.wait', '1s', '2s', 'cold'],
  ['limits.value', '1MiB', '2MiB', 'cold'],
  ['limits.batch', '10', '20', 'cold'],
  ['limits.inFlight', '10', '20', 'hot'],
  ['limits.loopLag', '100ms', '200ms', 'hot'],
  ['limits.memory', '64MiB', '128MiB', 'hot'],
  ['audit.share', '1%', '2%', 'cold'],
  ['audit.origin', '1%', '2%', 'cold'],
  ['audit.perSecond', '1', '2', 'cold'],
  ['journal.path', '/a', '/b', 'cold'],
  ['journal.maxBytes', '1MiB', '2MiB', 'cold'],
  ['locks.enabled', 'true', 'false', 'cold'],
  ['locks.maxTtl', '10s', '20s', 'cold'],
  ['log.level', 'info', 'warn', 'hot'],
  ['admin.tokenFile', '/a', '/b', 'cold'],
  ['shards.timeout', '100ms', '200ms', 'cold'],
]

/** Parts of lists and maps, which change as the lists and maps do, and what a flag turns on that is not there yet. */
const ELSEWHERE = /^(shards\.(topology|nodes|seeds|count)|origins\.|keyspaces\.|events\.|admin\.flush$|near\.maxShare$)/

function fileWith(key: string, value: string): string {
  const [section, part] = key.split('.')
  const own = part === undefined ? value : `{ ${part}: ${value}${key === 'journal.maxBytes' ? ', path: /a' : ''} }`
  const rest = { env: 'test', shards: '{ nodes: [{ name: a, primary: "redis://h" }] }', keyspaces: '{}' }
  const shards = '{ nodes: [{ name: a, primary: "redis://h" }], timeout: '
  const sections = { ...rest, [section as string]: section === 'shards' ? `${shards}${value} }` : own }
  return Object.entries(sections)
    .map(([name, text]) => `${name}: ${text}\n`)
    .join('')
}

describe('a change of the configuration', () => {
  it.each(KEYS)('of %s is told by the name of the file, and whether it waits', (key, before, after, when) => {
    const changes = configChanges(configOf(fileWith(key, before)), configOf(fileWith(key, after)))
    // A section that was not there at all changes as a whole.
    expect(changes).toEqual({ hot: [], cold: [], [when]: [key] })
  })

  it('is tested for every key of docs/configuration.md', () => {
    const docs = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
    const [known = ''] = docs.split('## Not available yet')
    const keys = [...known.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key]) => key as string)
    expect(keys.length).toBeGreaterThan(60)
    const untested = keys.filter((key) => !ELSEWHERE.test(key) && !KEYS.some(([one]) => one === key))
    expect(untested).toEqual([])
  })
})
