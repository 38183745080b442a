import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const CONFIG = `
env: test
shards: { topology: embedded }
keyspaces: { session: { consistency: bounded, maxStaleness: 5s, ttl: 10m } }
`

let sidecar: Sidecar

beforeAll(async () => {
  sidecar = await startSidecar({ config: CONFIG })
})

afterAll(() => sidecar.stop())

describe('the configuration of a running sidecar', () => {
  it('changes with its file: in force, refused or waiting, without a call that fails', async () => {
    const client = new RingsideClient({ target: sidecar.grpc })
    let calls = 0
    let isOver = false
    const calling = (async () => {
      while (!isOver) {
        await client.get('session', String(calls % 10))
        calls += 1
      }
    })()

    sidecar.configure(`${CONFIG}log: { level: warn }`)
    await until(
      'the change',
      async () => (await sidecar.metric('ringside_config_reloads_total{result="applied"}')) === 1,
    )
    const lines = sidecar.log().length
    sidecar.configure(`${CONFIG}log: { level: warn }\nnear: { maxBytes: 1MiB }`)
    await until('the wait', async () => (await sidecar.readiness()).body.reasons.length === 1)
    expect((await sidecar.readiness()).body.reasons).toEqual(['changes that wait for a restart: near.maxBytes'])
    expect(sidecar.log().slice(lines)).toContain('waits for a restart')

    sidecar.configure(`${CONFIG}log: { level: silent }`)
    await until('the refusal', () => sidecar.log().includes('changed configuration refused'))
    const { status, body } = await sidecar.readiness()
    expect(status).toBe(200)
    expect(body.reasons[0]).toContain('log.level')
    expect(await sidecar.metric('ringside_config_in_force')).toBe(0)

    sidecar.configure(CONFIG)
    await until('what was', async () => (await sidecar.metric('ringside_config_in_force')) === 1)
    isOver = true
    await calling
    await client.close()
    expect(calls).toBeGreaterThan(10)
  })
})
