import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALERTS } from '../../k8s/monitoring/alerts.ts'
import { ROWS } from '../../k8s/monitoring/panels.ts'
import { RECORDINGS } from '../../k8s/monitoring/recordings.ts'
import { ruleGroups } from '../../k8s/monitoring/rules-file.ts'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { type Prometheus, startPrometheus } from '../support/prometheus.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

/** Series that are only there where something is set up, or has gone wrong, that is not so here. */
const MAY_BE_EMPTY = ['ringside_shard_memory_limit_bytes', 'ringside_journal_keys', 'ringside_shard_errors_total']

let redis: RedisServer
let sidecar: Sidecar
let prometheus: Prometheus

beforeAll(async () => {
  redis = await startRedis()
  sidecar = await startSidecar({
    config: `
env: test
shards: { nodes: [{ name: a, primary: "${redis.url}" }] }
audit: { share: 100% }
origins: { catalog: { type: file, path: ${process.cwd()}/src/config/products.jsonl } }
keyspaces: { product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: catalog } }
`,
    probed: true,
  })
  const labels = { namespace: 'shop', pod: 'shop-0' }
  prometheus = await startPrometheus({ targets: [{ address: sidecar.health, labels }], rules: ruleGroups() })
})

afterAll(async () => {
  await prometheus.stop()
  await sidecar.stop()
  await redis.stop()
})

describe('a real Prometheus beside a real sidecar', () => {
  it('finds what it scrapes well formed', async () => {
    const page = await (await fetch(`http://${sidecar.health}/metrics`)).text()
    const own = page.split('\n').filter((line) => /^(# (HELP|TYPE) )?ringside_/.test(line))
    const checked = execFileSync('promtool', ['check', 'metrics'], { input: `${own.join('\n')}\n`, encoding: 'utf8' })
    expect(checked).toBe('')
  })

  it('has an answer to every query of the dashboard, and works every rule out', async () => {
    const client = new RingsideClient({ target: sidecar.grpc })
    let reads = 0
    const read = async () => {
      await client.get('product', String((reads++ % 5) + 1))
      await client.invalidate('product', String((reads % 5) + 1))
    }
    await until('rates', async () => {
      await read()
      return (await prometheus.query('ringside:reads:rate5m > 0')).length > 0
    })
    const empty: string[] = []
    for (const { expr } of ROWS.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries))) {
      await read()
      const asked = expr.replaceAll('$__rate_interval', '1m').replaceAll('$namespace', 'shop').replaceAll('$pod', '.*')
      if ((await prometheus.query(asked)).length === 0) empty.push(expr)
    }
    await client.close()
    expect(empty.filter((expr) => !MAY_BE_EMPTY.some((name) => expr.includes(name)))).toEqual([])
    await until('every rule', async () => (await prometheus.rules()).every(({ health }) => health !== 'unknown'))
    const rules = await prometheus.rules()
    expect(rules).toHaveLength(ALERTS.length + RECORDINGS.length)
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([])
  })

  it('has no alert while all is well', async () => {
    expect(await prometheus.query('ALERTS{alertstate="firing"}')).toEqual([])
  })

  it('hears within seconds that a changed file is refused', async () => {
    sidecar.configure('env: test\nkeyspaces: nonsense')
    const refused = ALERTS.find(({ alert }) => alert === 'RingsideConfigRefused')?.expr as string
    await until(
      'the refusal',
      async () => (await sidecar.metric('ringside_config_reloads_total{result="refused"}')) > 0,
    )
    await until('the alert', async () => (await prometheus.query(refused)).length > 0)
  })
})
