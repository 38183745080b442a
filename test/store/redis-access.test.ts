import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CacheClient } from '../rpc/client.ts'
import { content } from '../support/content.ts'
import { freePort } from '../support/free-port.ts'
import { startRedis } from '../support/redis.ts'
import { redisShard } from '../support/redis-shard.ts'
import { startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringside-tls-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

it('works as an ACL user who may do no more than a shard needs, and not as one who may not ask who the server is', async () => {
  const server = await startRedis()
  await server.client.call(
    'ACL',
    'SETUSER',
    'app',
    'on',
    '>pw',
    '~test:*',
    '&__redis__:invalidate',
    '+info',
    '+get',
    '+set',
    '+evalsha',
    '+eval',
    '+time',
    '+pttl',
    '+hmget',
    '+hset',
    '+hget',
    '+hgetall',
    '+hdel',
    '+zadd',
    '+zrem',
    '+zrange',
    '+zrangebyscore',
    '+zscore',
    '+zcount',
    '+del',
    '+subscribe',
    '+client|id',
    '+client|tracking',
  )
  const shard = redisShard(server.url.replace('//', '//app:pw@'))
  await shard.start()
  expect(shard.state()).toEqual({ up: true, warnings: [] })
  expect(shard.stats().trackingUp).toBe(true)
  await shard.put('test:k', content('v'))
  expect((await shard.read('test:k')).found).toBe(true)
  await expect(shard.read('other:k')).rejects.toMatchObject({ metadata: { kind: 'NOPERM' } })
  await server.client.call('ACL', 'SETUSER', 'app', '-info')
  await server.client.call('CLIENT', 'KILL', 'USER', 'app')
  // Without its run_id nobody could tell whether its memory is still the same.
  await until('its being refused', () => JSON.stringify(shard.state()).includes("can't run this command"))
  expect(shard.state().up).toBe(false)
  await shard.close()
  await server.stop()
})

it('speaks TLS to a rediss:// primary whose certificate it can verify, and to no other', async () => {
  const file = (name: string) => join(directory, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1']
  openssl(...request, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file('key.pem'), '-out', file('cert.pem'))
  const port = await freePort()
  const files = [
    '--tls-cert-file',
    file('cert.pem'),
    '--tls-key-file',
    file('key.pem'),
    '--tls-ca-cert-file',
    file('cert.pem'),
  ]
  const server = await startRedis(['--tls-port', String(port), ...files, '--tls-auth-clients', 'no'])
  const config = `
env: test
shards: { topology: ring, nodes: [{ name: a, primary: "rediss://127.0.0.1:${port}" }] }
keyspaces: { session: { consistency: tolerant, ttl: 1m } }
`
  const trusting = await startSidecar({ config, env: { NODE_EXTRA_CA_CERTS: file('cert.pem') } })
  const client = new CacheClient(trusting.grpc)
  await client.set({ keyspace: 'session', key: 'k', value: Buffer.from('v') })
  expect(await server.client.exists('test:session:v1::k')).toBe(1)
  client.close()
  await trusting.stop()

  const doubting = await startSidecar({ config, unready: true, env: { NODE_EXTRA_CA_CERTS: '' } })
  expect((await doubting.readiness()).body.reasons.join()).toMatch(/certificate/)
  await doubting.stop()
  await server.stop()
})
