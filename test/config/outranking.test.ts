import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { OUTRANKING } from '../../src/config/outranking.ts'
import { configOf, EMBEDDED, problemsOf } from './loading.ts'

const FILE = `${EMBEDDED}listen: { grpc: "127.0.0.1:1", admin: "127.0.0.1:2", socket: /run/a.sock }
log: { level: info }
`

describe('what the environment says of addresses and the log', () => {
  it('outranks what the file says', () => {
    const config = configOf(FILE, {
      RINGSIDE_LISTEN_GRPC: '127.0.0.1:11',
      RINGSIDE_LISTEN_SOCKET: '/run/b.sock',
      RINGSIDE_LISTEN_ADMIN: '127.0.0.1:12',
      RINGSIDE_LISTEN_HEALTH: '0.0.0.0:13',
      RINGSIDE_LOG_LEVEL: 'debug',
      RINGSIDE_LINGER: '25s',
    })
    expect(config).toMatchObject({
      listen: {
        grpc: { host: '127.0.0.1', port: 11 },
        socket: '/run/b.sock',
        admin: { host: '127.0.0.1', port: 12 },
        health: { host: '0.0.0.0', port: 13 },
      },
      log: { level: 'debug' },
      lingerMs: 25_000,
    })
  })

  it('stands also where the file says nothing, or what is wrong', () => {
    expect(configOf(EMBEDDED, { RINGSIDE_LISTEN_GRPC: 'off' }).listen.grpc).toBeUndefined()
    expect(configOf(`${EMBEDDED}log: { level: loud }`, { RINGSIDE_LOG_LEVEL: 'warn' }).log.level).toBe('warn')
  })

  it('is nothing where a variable is empty', () => {
    expect(configOf(FILE, { RINGSIDE_LISTEN_GRPC: '', RINGSIDE_LOG_LEVEL: '' }).listen.grpc?.port).toBe(1)
  })

  it.each([
    ['RINGSIDE_LISTEN_GRPC', 'here', 'RINGSIDE_LISTEN_GRPC: is not an address; write host:port'],
    ['RINGSIDE_LISTEN_HEALTH', '0.0.0.0:2', 'RINGSIDE_LISTEN_HEALTH: has the port of `admin`; give each its own port'],
    ['RINGSIDE_LISTEN_SOCKET', 'a.sock', 'RINGSIDE_LISTEN_SOCKET: must be an absolute path'],
    ['RINGSIDE_LOG_LEVEL', 'loud', 'RINGSIDE_LOG_LEVEL: must be one of debug, info, warn, error'],
    ['RINGSIDE_LINGER', 'long', 'RINGSIDE_LINGER: is not a duration'],
  ])('names the variable %s where it is wrong', (variable, value, problem) => {
    expect(problemsOf(FILE, { [variable]: value })).toEqual([expect.stringContaining(problem)])
  })

  it('leaves a section that is no map to be refused as such', () => {
    expect(problemsOf(`${EMBEDDED}log: loud`, { RINGSIDE_LOG_LEVEL: 'warn' })).toEqual([
      expect.stringContaining('log (line 3): must be a map'),
    ])
  })

  it('is listed in the documentation, as far as it goes', () => {
    const docs = readFileSync('docs/configuration.md', 'utf8')
    const rows = [...docs.matchAll(/^\* `(RINGSIDE_[A-Z_]+)` instead of `([a-z.]+)`$/gm)].map(([, variable, key]) => [
      variable,
      key,
    ])
    expect(rows).toEqual(Object.entries(OUTRANKING).map(([variable, path]) => [variable, path.join('.')]))
  })
})
