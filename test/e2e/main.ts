import { join } from 'node:path'
import { startRedis } from '../support/redis.ts'
import {
  drains,
  type Finding,
  fillsNearCache,
  isLocked,
  reads,
  restartsOverStaleSocket,
  starts,
  takesChangedConfig,
} from './checks.ts'
import { Containers } from './containers.ts'
import { Pod } from './pod.ts'

const MIB = 1024 * 1024
const PASSWORD = 'e2e'

const print = (text: string) => process.stdout.write(`${text}\n`)

/** What a sidecar reads in these pods. Its near cache is what the memory of its container allows. */
function configOf(redis: string, more = ''): string {
  return `env: e2e
shards: { timeout: 2s, nodes: [{ name: a, primary: "${redis}" }] }
limits: { loopLag: 0s }
journal: { path: /var/lib/ringside }
origins:
  catalog: { type: file, path: /app/dist/config/products.jsonl, latency: 20ms }
  slow: { type: file, path: /app/dist/config/products.jsonl, latency: 700ms }
keyspaces:
  product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: catalog }
  slow: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: slow }
  session: { consistency: tolerant, ttl: 30m }
${more}`
}

async function run(containers: Containers): Promise<Finding[]> {
  print('building the image')
  await containers.build()
  await containers.connect()
  const { total, own } = await containers.size()
  print(`  on ${containers.base}`)
  print(`  ${(total / 1e6).toFixed(0)} MB, of which ${(own / 1e6).toFixed(1)} MB are Ringside`)
  const redis = await startRedis(['--bind', '0.0.0.0', '--requirepass', PASSWORD, '--maxmemory-policy', 'volatile-lfu'])
  const config = configOf(`redis://:${PASSWORD}@${await containers.gateway()}:${redis.port}`)
  const findings: Finding[] = []
  const tell = (...found: readonly Finding[]) => {
    for (const { what, passed, detail } of found) print(`  ${passed ? 'ok  ' : 'FAIL'} ${what}: ${detail}`)
    findings.push(...found)
  }
  const { folder, network } = containers
  try {
    print('a pod with two containers, 128 MiB for the sidecar')
    const pod = await Pod.start({ name: 'ringside-128', folder, network, memory: '128Mi', config })
    try {
      tell(await starts(pod), ...(await isLocked(pod)), ...(await reads(pod)))
      tell(await fillsNearCache(pod, 12 * MIB))
      tell(await takesChangedConfig(pod, `${config}  fresh: { consistency: tolerant, ttl: 1m }\n`, 'fresh'))
      tell(await drains(pod))
      tell(await restartsOverStaleSocket(pod, join(folder, 'ringside-128', 'ringside-socket', 'ringside.sock')))
    } catch (error) {
      print(await pod.log())
      throw error
    }
    await pod.remove()
    print('the same with 256 MiB')
    const larger = await Pod.start({ name: 'ringside-256', folder, network, memory: '256Mi', config })
    tell(await starts(larger), await fillsNearCache(larger, 64 * MIB))
  } finally {
    await redis.stop()
  }
  return findings
}

const containers = new Containers()
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
try {
  const findings = await run(containers)
  const failed = findings.filter(({ passed }) => !passed).length
  print(`${findings.length - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
} finally {
  await containers.close()
}
