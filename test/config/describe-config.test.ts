// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own syntax
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeConfig } from '../../src/config/describe-config.ts'
import { configOf } from './loading.ts'

describe('the effective configuration', () => {
  it('is shown in human units with its defaults', () => {
    const text = describeConfig(
      configOf('env: prod\nshards: { topology: embedded }\ndrain: 60s\nnear: { maxBytes: 65536KiB }'),
    )
    expect(text).toContain('drain: 1m\n')
    expect(text).toContain('maxBytes: 64MiB\n')
    expect(text).toContain('heartbeat: 1s\n')
  })

  it('shows no password, and nothing that came from a variable inside a URL', () => {
    const text = describeConfig(
      configOf(
        `env: \${ENV_NAME}
shards:
  nodes:
    - { name: a, primary: "redis://user:hunter2@a:6379" }
    - { name: b, primary: "redis://\${USER}:\${PASSWORD}@b:6379/\${DB}" }
    - { name: c, sentinel: { master: c, nodes: ["redis://u:hunter2@s1", "rediss://u:\${PASSWORD}@s2"], user: "\${USER}", password: hunter2 } }
    - { name: d, sentinel: { master: d, nodes: ["s1"], user: app, password: "\${PASSWORD}" } }
origins:
  whole: { type: postgres, url: "\${URL}", load: $1 }
  parts: { type: postgres, url: "postgres://u:\${PASSWORD}@h/db?token=hunter2", load: $1 }`,
        { ENV_NAME: 'prod', USER: 'hunter2', PASSWORD: 'hunter2', DB: '2', URL: 'postgres://u:hunter2@h/db' },
      ),
    )
    expect(text).not.toContain('hunter2')
    expect(text).toContain('env: prod\n')
    expect(text).toContain('primary: redis://user:***@a:6379\n')
    expect(text).toContain('primary: redis://***:***@b:6379/***\n')
    expect(text).toContain('url: "***"\n')
    expect(text).toContain('- redis://u:***@s1:26379\n')
    expect(text).toContain('- rediss://u:***@s2\n')
    expect(text).toContain('user: app\n')
    expect(text.match(/password: "\*\*\*"/g)).toHaveLength(2)
    expect(text).toContain('url: postgres://u:***@h/db?token=***\n')
  })

  it('is a configuration that means the same', () => {
    const unit = (name: string, values: readonly string[]) =>
      fc.option(fc.constantFrom(...values)).map((value) => (value === null ? '' : `, ${name}: ${value}`))
    const common = fc
      .tuple(
        fc.constantFrom('ttl: 1m', 'ttl: 90s'),
        unit('jitter', ['0%', '7%', '12.5%']),
        unit('version', ['1', '8']),
        unit('key', ["'^[0-9]{1,12}$'", "'a|b'", "'/x'"]),
      )
      .map((fields) => fields.join(''))
    const keyspace = fc.oneof(
      fc
        .tuple(common, unit('tenants', ['required', '[a, b]']), unit('degraded', ['{ then: fail }']))
        .map((fields) => `consistency: strong, origin: app, ${fields.join('')}`),
      fc
        .tuple(
          common,
          unit('softTtl', ['1s', '59s']),
          unit('negativeTtl', ['0s', '1m']),
          unit('near', ['false', '{ enabled: true }']),
          unit('degraded', ['{ maxStaleness: 1h }', '{ maxStaleness: 1h, then: stale }', '{ then: fail }']),
        )
        .map((fields) => `consistency: bounded, maxStaleness: 5s, origin: app, ${fields.join('')}`),
      fc
        .tuple(common, unit('maxStaleness', ['0s', '10s']), unit('degraded', ['{ maxStaleness: 1h }']))
        .map((fields) => `consistency: tolerant, ${fields.join('')}`),
    )
    const rest = `env: prod
listen: { grpc: "[::1]:7400", socket: off }
shards: { nodes: [{ name: a, primary: "redis://h/1", weight: 7 }, { name: b, sentinel: { master: m, nodes: [s, "[::1]:1"], tls: true, database: 2 }, state: joining }], timeout: 50ms }
origins:
  app: { type: grpc, target: "app:1", timeout: 1500ms }
  demo: { type: file, path: /x.jsonl, latency: 20ms }
  shop: { type: postgres, url: "postgres://h/db", load: "select '$\${x}' where id = any($1)" }
`
    fc.assert(
      fc.property(keyspace, (fields) => {
        const config = configOf(`${rest}keyspaces: { k: { ${fields} } }`)
        expect(configOf(describeConfig(config))).toEqual(config)
      }),
    )
  })
})
