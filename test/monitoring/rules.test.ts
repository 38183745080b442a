import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { ALERTS, type Alert } from '../../k8s/monitoring/alerts.ts'
import { dashboard } from '../../k8s/monitoring/dashboard.ts'
import { ROWS } from '../../k8s/monitoring/panels.ts'
import { RECORDINGS } from '../../k8s/monitoring/recordings.ts'
import { ruleGroups, rulesFile, runbookOf } from '../../k8s/monitoring/rules-file.ts'
import { ALERT_CASES, type Series } from './alert-cases.ts'
import { askedMetrics, knownMetrics, unknownIn } from './known-metrics.ts'

const HEADINGS = ['What it means', 'What users feel', 'Look first', 'What to do', 'When to wake someone']

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringside-rules-'))
  writeFileSync(join(directory, 'rules.yaml'), stringify(ruleGroups()))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function promtool(...args: string[]): string {
  return execFileSync('promtool', args, { encoding: 'utf8', cwd: directory })
}

/** One test of promtool: which alerts of this name there are after so many minutes. */
function testOf({ alert }: Alert, series: Series, atM: number, count: number): object {
  const input = Object.entries(series).map(([name, values]) => ({ series: name, values }))
  const found = `count(ALERTS{alertname="${alert}", alertstate="firing"}) or vector(0)`
  return {
    interval: '1m',
    input_series: input,
    promql_expr_test: [{ expr: found, eval_time: `${atM}m`, exp_samples: [{ labels: '{}', value: count }] }],
  }
}

describe('what is shipped for monitoring', () => {
  it.each([
    ['rules.yaml', rulesFile],
    ['dashboard.json', dashboard],
  ] as const)('has the %s that npm run generate:monitoring makes', (name, made) => {
    expect(readFileSync(`k8s/components/monitoring/${name}`, 'utf8')).toBe(made())
  })

  it('asks only for metrics and labels that exist', () => {
    const panels = ROWS.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)))
    const exprs = [...ALERTS, ...RECORDINGS].map(({ expr }) => expr).concat(panels)
    expect(exprs.flatMap(askedMetrics).length).toBeGreaterThan(50)
    expect(exprs.flatMap(unknownIn)).toEqual([])
  })

  it('would notice a metric or a label that does not exist', () => {
    expect(unknownIn('sum by (shard) (rate(ringside_near_hits_total{keyspace="x"}[5m]))')).toEqual([
      'keyspace',
      'shard',
    ])
    expect(unknownIn('ringside_nothing > 0')).toEqual(['ringside_nothing'])
  })

  it('asks only for series that are recorded', () => {
    const recorded = new Set(RECORDINGS.map(({ record }) => record))
    const asked = [...ALERTS, ...RECORDINGS].flatMap(({ expr }) => [...expr.matchAll(/ringside:[a-z0-9_:]+/g)])
    expect(asked.filter(([name]) => !recorded.has(name))).toEqual([])
  })

  it('begins its dashboard with what the database feels, and that with traffic during cache degradation', () => {
    expect(ROWS[0]?.title).toBe('What the database feels')
    expect(ROWS[0]?.panels[0]?.queries[0]?.expr).toContain('cause="fallback"')
  })

  it('has panels of their own ids, that do not overlap', () => {
    const { panels } = JSON.parse(dashboard()) as {
      panels: { id: number; gridPos: Record<'x' | 'y' | 'w' | 'h', number> }[]
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.map(({ gridPos: { x, y } }) => `${x},${y}`)
    expect(new Set(cells).size).toBe(panels.length)
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
  })
})

describe('the rules', () => {
  it('are taken by promtool', () => {
    expect(promtool('check', 'rules', 'rules.yaml')).toContain(`${ALERTS.length + RECORDINGS.length} rules found`)
  })

  it('are tested one by one', () => {
    expect(Object.keys(ALERT_CASES).sort()).toEqual(ALERTS.map(({ alert }) => alert).sort())
  })

  it('fire for what they are about, and for nothing like it', () => {
    const tests = ALERTS.flatMap((alert) => {
      const { fires, calm, atM } = ALERT_CASES[alert.alert]!
      return [testOf(alert, fires, atM, 1), testOf(alert, calm, atM, 0)]
    })
    const file = { rule_files: ['rules.yaml'], evaluation_interval: '1m', tests }
    writeFileSync(join(directory, 'tests.yaml'), stringify(file))
    expect(promtool('test', 'rules', 'tests.yaml')).toContain('SUCCESS')
  })
})

describe.each(ALERTS)('the runbook of $alert', ({ alert }) => {
  const page = () => readFileSync(runbookOf(alert), 'utf8')

  it('says what is wrong, what to look at, and what to do', () => {
    expect(page()).toMatch(new RegExp(`^# ${alert}\n`))
    const headings = [...page().matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(HEADINGS)
  })

  it('names metrics that exist', () => {
    const known = knownMetrics()
    const named = [...page().matchAll(/\bringside_[a-z_]+/g)].map(([name]) => name)
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((name) => !known.has(name) && !known.has(`${name}_bucket`))).toEqual([])
  })
})
