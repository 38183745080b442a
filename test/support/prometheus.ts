import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { atExit } from './at-exit.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

export interface PrometheusOptions {
  /** `host:port` of what it scrapes every second, with the labels that it gives to each. */
  readonly targets: readonly { readonly address: string; readonly labels: Readonly<Record<string, string>> }[]
  /** What a file of rules says. */
  readonly rules: object
}

/** A real Prometheus of its own. Everything it keeps lies in one temporary directory. */
export interface Prometheus {
  /** What an expression amounts to now. Rejects for one that is none. */
  query(expr: string): Promise<readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[]>
  /** Its rules and how they fare. */
  rules(): Promise<readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]>
  stop(): Promise<void>
}

export async function startPrometheus({ targets, rules }: PrometheusOptions): Promise<Prometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'ringside-prometheus-'))
  const address = `127.0.0.1:${await freePort()}`
  const scraped = targets.map((target) => ({ targets: [target.address], labels: target.labels }))
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    scrape_configs: [{ job_name: 'ringside', static_configs: scraped }],
  }
  writeFileSync(join(directory, 'rules.yaml'), stringify(rules))
  writeFileSync(join(directory, 'prometheus.yaml'), stringify(config))
  const file = `--config.file=${join(directory, 'prometheus.yaml')}`
  const data = `--storage.tsdb.path=${join(directory, 'data')}`
  const child = spawn('prometheus', [file, data, `--web.listen-address=${address}`], { stdio: 'ignore' })
  const forget = atExit(() => {
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  const ask = async <Data>(path: string) => {
    const answer = await fetch(`http://${address}/api/v1/${path}`)
    const { status, data: found, error } = (await answer.json()) as { status: string; data: Data; error?: string }
    if (status !== 'success') throw new Error(`${path}: ${error}`)
    return found
  }
  await until('Prometheus', () => ask('status/runtimeinfo').then(Boolean, () => false))
  return {
    query: async (expr) => (await ask<{ result: [] }>(`query?query=${encodeURIComponent(expr)}`)).result,
    rules: async () => (await ask<{ groups: { rules: [] }[] }>('rules')).groups.flatMap((group) => group.rules),
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      forget()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
