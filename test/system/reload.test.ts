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
  it('has new rules, keyspaces and limits in force without a restart, and without a call that fails', async () => {
    const client = new RingsideClient({ target: sidecar.grpc })
    const applied = async () => sidecar.metric('ringside_config_reloads_total{result="applied"}')
    const before = await applied()
    await client.set('session', 'kept', Buffer.from('v'))
    await expect(client.get('fresh', '1')).rejects.toMatchObject({ reason: 'KEYSPACE_UNKNOWN' })
    const session = 'session: { consistency: bounded, maxStaleness: 5s, ttl: 10m, key: "[a-z]+" }'
    const keyspaces = `{ ${session}, fresh: { consistency: strong, ttl: 1m } }`
    sidecar.configure(
      `${CONFIG.replace(/keyspaces: .*/, `keyspaces: ${keyspaces}`)}limits: { inFlight: 7, loopLag: 0s }`,
    )
    await until('the change', async () => (await applied()) > before)
    expect((await client.get('session', 'kept')).value?.toString()).toBe('v')
    await expect(client.get('session', '1')).rejects.toMatchObject({ reason: 'KEY_INVALID' })
    await client.set('fresh', '1', Buffer.from('w'))
    expect((await client.get('fresh', '1')).value?.toString()).toBe('w')
    expect(
      await sidecar.metric('ringside_requests_total{keyspace="fresh",method="Set",outcome="stored",source="none"}'),
    ).toBe(1)
    sidecar.configure(CONFIG)
    await until('what was', async () => (await applied()) > before + 1)
    await expect(client.get('fresh', '1')).rejects.toMatchObject({ reason: 'KEYSPACE_UNKNOWN' })
    await client.close()
  })

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

    const applied = 'ringside_config_reloads_total{result="applied"}'
    const before = await sidecar.metric(applied)
    sidecar.configure(`${CONFIG}log: { level: warn }`)
    await until('the change', async () => (await sidecar.metric(applied)) > before)
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
