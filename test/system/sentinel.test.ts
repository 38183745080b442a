import { credentials } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TopologyResponse__Output } from '../../src/gen/ringside/v1/TopologyResponse.ts'
import { Admin, CacheClient, call } from '../rpc/client.ts'
import { type RigProcess, SentinelRig } from '../support/sentinel.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const SECRET = 'p@ss:w/rd'

let rig: SentinelRig
let sidecar: Sidecar
let client: CacheClient
let admin: InstanceType<typeof Admin>

beforeAll(async () => {
  rig = await SentinelRig.start({
    redis: ['--requirepass', SECRET, '--masterauth', SECRET],
    login: { password: SECRET },
    sentinel: ['requirepass watcher'],
    sentinelPassword: 'watcher',
  })
  const nodes = rig.nodes.map((node) => `"redis://:\${SENTINEL_PASSWORD}@${node}"`)
  sidecar = await startSidecar({
    config: `
env: test
heartbeat: 200ms
limits: { loopLag: 0s }
shards:
  timeout: 500ms
  nodes: [{ name: a, sentinel: { master: ${rig.master}, nodes: [${nodes.join(', ')}], password: "\${REDIS_PASSWORD}" } }]
keyspaces: { session: { consistency: tolerant, ttl: 1h, near: false, replicas: { read: true } } }
`,
    env: { SENTINEL_PASSWORD: 'watcher', REDIS_PASSWORD: SECRET },
  })
  client = new CacheClient(sidecar.grpc)
  admin = new Admin(sidecar.grpc, credentials.createInsecure())
})
afterAll(async () => {
  admin.close()
  client.close()
  await sidecar.stop()
  await rig.stop()
})

const topology = () => call<TopologyResponse__Output>(admin, 'Topology', {})
const at = ({ port }: RigProcess): string => `127.0.0.1:${port}`

/** Resolves when it is told of the primary, of so many replicas, and of a breaker for each of them and none else. */
async function told(replicas: number): Promise<void> {
  await until('the servers in the topology', async () => {
    const primary = await rig.primary().catch(() => undefined)
    const { nodes, breakers } = await topology()
    const [node] = nodes
    const isComplete = node?.replicas.length === replicas && breakers.length === 1 + replicas
    return primary !== undefined && node?.primary === at(primary) && node.up && isComplete
  })
}

it('knows user and password of the servers and of the Sentinels, and tells of a failover, with no secret in its log', async () => {
  const set = (key: string) => client.set({ keyspace: 'session', key, value: Buffer.from(key) })
  await set('before')
  await told(2)
  const former = await rig.primary()
  await former.kill()
  await rig.failedOver(former)
  await until('a stored value', async () => (await set('after').catch(() => undefined))?.stored === true)
  await told(1)
  const { breakers } = await topology()
  expect(breakers.map(({ name }) => name).sort()).toEqual(['shard:a', expect.stringMatching(/^shard:a:[12]$/)])
  expect(sidecar.log()).not.toMatch(/p@ss|p%40ss|watcher/)
})
