import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callFromPython } from '../interop/python-client.ts'
import { runProgram } from '../support/program.ts'
import { until } from '../support/until.ts'

const GRPC = '127.0.0.1:7400'
const ADMIN = 'http://127.0.0.1:7401'

describe('a sidecar that was given no configuration', () => {
  let child: ChildProcess
  let output = ''

  beforeAll(async () => {
    child = spawn(process.execPath, [resolve('dist/main.js')], { env: { ...process.env, RINGSIDE_CONFIG: undefined } })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    }
    await until('readiness', async () => {
      if (child.exitCode !== null) throw new Error(`it exited:\n${output}`)
      return (await fetch(`${ADMIN}/readyz`).catch(() => undefined))?.status === 200
    })
  })
  afterAll(() => void child.kill('SIGKILL'))

  it('takes at most 110 MB', async () => {
    const text = await (await fetch(`${ADMIN}/metrics`)).text()
    const bytes = Number(text.match(/^process_resident_memory_bytes (\S+)/m)?.[1])
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThanOrEqual(110e6)
  })

  it('shows a client of another gRPC implementation ORIGIN first, and then NEAR', async () => {
    const get = { method: 'Get' as const, request: { keyspace: 'product', key: '17' } }
    const [first, second] = await callFromPython(GRPC, [get, get])
    expect(first).toMatchObject({ response: { outcome: 'OUTCOME_FOUND', source: 'SOURCE_ORIGIN' } })
    expect(second).toMatchObject({ response: { outcome: 'OUTCOME_FOUND', source: 'SOURCE_NEAR', degraded: false } })
  })

  it('serves all 1,000 products, and says that there is no other', async () => {
    const ids = ['2', '1000', '0', '1001']
    const answers = await callFromPython(
      GRPC,
      ids.map((key) => ({ method: 'Get' as const, request: { keyspace: 'product', key } })),
    )
    const outcomes = answers.map((answer) => (answer as { response: { outcome: string } }).response.outcome)
    expect(outcomes).toEqual(['OUTCOME_FOUND', 'OUTCOME_FOUND', 'OUTCOME_NOT_FOUND', 'OUTCOME_NOT_FOUND'])
  })

  it('prints three lines to try it with, and they work', async () => {
    const lines = output.split('\n').filter((line) => /^ {2}(node|curl) /.test(line))
    expect(lines).toHaveLength(3)
    const command =
      lines[0]
        ?.trim()
        .replace(/\s+#.*/, '')
        .split(' ')
        .slice(2) ?? []
    const ended = await runProgram(command)
    expect([ended.code, ended.stderr]).toEqual([0, ''])
    expect(JSON.parse(ended.stdout)).toMatchObject({ outcome: 'OUTCOME_FOUND', source: 'SOURCE_ORIGIN' })
    expect(lines[2]).toContain(`${ADMIN}/metrics`)
  })

  it('exits with 0 when it is told to stop', async () => {
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await gone).toEqual([0, null])
  })
})
