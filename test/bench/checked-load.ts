// Gets of distinct keys by the TypeScript client, each answer checked.  argv: address, keyspace, first key, distinct keys, requests, in flight, source
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { closedLoop, VALUE_BYTES } from './run.ts'

const [address, keyspace, first, distinct, requests, inFlight, expected] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
]
const client = new RingsideClient({ target: address, joinFrom: Number.POSITIVE_INFINITY })

async function call(index: number): Promise<void> {
  const { source, value } = await client.get(keyspace, String(Number(first) + ((index * 7_919) % Number(distinct))))
  if (source === expected && value.length === VALUE_BYTES) return
  throw new Error(`answered from ${source} with ${value.length} bytes, not from ${expected}`)
}

const run = await closedLoop(Number(requests), Number(inFlight), call)
process.stdout.write(JSON.stringify(run))
await client.close()
