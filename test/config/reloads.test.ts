import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import type { Config } from '../../src/config/config.ts'
import { HOT } from '../../src/config/config-changes.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { Reloads } from '../../src/config/reloads.ts'
import { configOf } from './loading.ts'

const BASE = `
env: shop
shards: { topology: embedded }
origins: { catalog: { type: grpc, target: "127.0.0.1:1" } }
keyspaces: { product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: catalog } }
`

const read = (text: string) => loadConfig(text, { env: {} })

let applied: Config[]
let reloads: Reloads

beforeEach(() => {
  applied = []
  reloads = new Reloads(configOf(BASE), { log: silentLog, apply: (one) => applied.push(one) })
})

describe('a changed configuration', () => {
  it('can change at once what docs/configuration.md lists', () => {
    const docs = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
    const [, list = ''] = docs.match(/in force at once:\n\n((?:\* .*\n)+)/) ?? []
    expect([...list.matchAll(/^\* `([^`]+)`/gm)].map(([, path]) => path)).toEqual([...HOT])
  })

  it('is in force where it changes only what can change while the sidecar runs', () => {
    reloads.take(read(`${BASE}log: { level: debug }`))
    expect(applied.at(-1)?.log.level).toBe('debug')
    expect(reloads).toMatchObject({ isInForce: true, reasons: [], results: { applied: 1, partial: 0, refused: 0 } })
  })

  it('says what waits for a restart, by the names of the file, and puts the rest into force', () => {
    const text = BASE.replace('ttl: 10m', 'ttl: 9m').replace('grpc, ', 'grpc, batch: 7, ')
    reloads.take(read(`${text}log: { level: debug }\nheartbeat: 2s\nnear: { maxBytes: 1MiB }`))
    expect(applied.at(-1)?.log.level).toBe('debug')
    const waiting = ['heartbeat', 'near.maxBytes', 'origins.catalog']
    expect([...reloads.details.waiting].sort()).toEqual(waiting)
    expect(reloads.reasons[0]).toMatch(/^changes that wait for a restart: .*near\.maxBytes/)
    expect(reloads).toMatchObject({ isInForce: false, results: { applied: 0, partial: 1, refused: 0 } })
  })

  it('is judged by the start, not by what came in between', () => {
    const product = (more: string) => BASE.replace('ttl: 10m', `ttl: 10m, ${more}`)
    reloads.take(read(product('version: 2')))
    reloads.take(read(product('version: 2, jitter: 20%')))
    expect(reloads.details.waiting).toEqual(['keyspaces.product'])
    reloads.take(read(product('jitter: 20%')))
    expect(reloads.isInForce).toBe(true)
  })

  it('lets nodes of the ring come and go, but not move', () => {
    const ring = (nodes: string) => BASE.replace('topology: embedded', `nodes: [${nodes}]`)
    const [a, b] = ['{ name: a, primary: "redis://a" }', '{ name: b, primary: "redis://b" }']
    reloads = new Reloads(configOf(ring(a)), { log: silentLog, apply: (one) => applied.push(one) })
    reloads.take(read(ring(`${a}, ${b.replace(' }', ', state: joining }')}`)))
    expect(reloads).toMatchObject({ isInForce: true, current: applied.at(-1) })
    reloads.take(read(ring(`${a.replace('redis://a', 'redis://elsewhere')}, ${b}`)))
    expect(reloads.details.waiting).toEqual(['shards.nodes'])
    reloads.take(read(ring(`${a.replace(' }', ', weight: 2, state: leaving }')}, ${b}`)))
    expect(reloads.isInForce).toBe(true)
  })

  it('waits for nothing any more once it is back to what the sidecar was started with', () => {
    reloads.take(read(`${BASE}near: { maxBytes: 1MiB }`))
    expect(reloads.isInForce).toBe(false)
    reloads.take(read(BASE))
    expect(reloads).toMatchObject({ isInForce: true, reasons: [] })
  })

  it('is refused as a whole when anything in it is wrong, and what was before stays', () => {
    reloads.take(read(`${BASE}log: { level: loud }\nheartbeat: never`))
    expect(applied).toEqual([])
    expect(reloads.details.refused).toHaveLength(2)
    expect(reloads.reasons[0]).toMatch(
      /^the configuration file is refused, the one before stays in force: log.level .* \(and 1 more\)$/,
    )
    expect(reloads).toMatchObject({ isInForce: false, results: { applied: 0, partial: 0, refused: 1 } })
    reloads.take(read(BASE))
    expect(reloads).toMatchObject({ isInForce: true, reasons: [] })
  })

  it('shows no secret, in whatever it refuses or lets wait', () => {
    const url = (password: string) => `
env: shop
shards: { nodes: [{ name: a, primary: "redis://app:${password}@127.0.0.1:1" }] }
keyspaces: {}
`
    const one = new Reloads(configOf(url('old-secret')), { log: silentLog, apply: () => undefined })
    one.take(read(url('new-secret')))
    expect(JSON.stringify([one.reasons, one.details])).not.toContain('secret')
    expect(one.isInForce).toBe(false)
  })
})
