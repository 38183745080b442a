// Gets of one near key by a TypeScript client, one after the other in so many lanes, and their cost to this process.  argv: client (ringside | grpc-js), address, key, calls, in flight
import { cpuUsage } from 'node:process'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { CacheClient } from '../rpc/client.ts'
import { closedLoop } from './run.ts'

const WARM_UP = 3_000

const [kind, address, key, calls, inFlight] = process.argv.slice(2) as [string, string, string, string, string]

interface Entrant {
  read(): Promise<{ readonly value: Uint8Array }>
  close(): unknown
}

const entrants: Readonly<Record<string, () => Entrant>> = {
  ringside: () => {
    const client = new RingsideClient({ target: address })
    return { read: () => client.get('near', key), close: () => client.close() }
  },
  'grpc-js': () => {
    const client = new CacheClient(address)
    return { read: () => client.get({ keyspace: 'near', key }), close: () => client.close() }
  },
}
const entrant = entrants[kind]!()

async function get(): Promise<void> {
  const { value } = await entrant.read()
  if (value.length !== Number(key)) throw new Error(`${value.length} bytes instead of ${key}`)
}

await closedLoop(WARM_UP, Number(inFlight), get)
const before = cpuUsage()
const run = await closedLoop(Number(calls), Number(inFlight), get)
const { user, system } = cpuUsage(before)
process.stdout.write(JSON.stringify({ ...run, cpuPerRequest: (user + system) / run.requests }))
await entrant.close()
