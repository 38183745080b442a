// "Just ioredis", as written by hand.  argv: mode (hit | aside), redis ports (a,b,c), database URL, first key, distinct keys, requests, in flight
import { Redis } from 'ioredis'
import pg from 'pg'
import { closedLoop, VALUE_BYTES } from './run.ts'

const [mode, ports, database, first, distinct, requests, inFlight] = process.argv.slice(2)
const shards = (ports ?? '')
  .split(',')
  .map((port) => new Redis(Number(port), { enableAutoPipelining: Number(inFlight) > 1 }))
const pool = new pg.Pool({ connectionString: database, max: 16 })
const keys = Array.from({ length: Number(distinct) }, (_, index) => Number(first) + index)

async function hit(index: number): Promise<void> {
  const key = keys[(index * 7_919) % keys.length] as number
  const value = await (shards[key % shards.length] as Redis).getBuffer(`direct:${key}`)
  if (value?.length !== VALUE_BYTES) throw new Error(`no value under ${key}`)
}

async function aside(index: number): Promise<void> {
  const key = keys[index % keys.length] as number
  const shard = shards[key % shards.length] as Redis
  if ((await shard.getBuffer(`aside:${key}`)) !== null) throw new Error(`${key} is not cold`)
  const { rows } = await pool.query<{ value: string }>({
    name: 'load',
    text: `select repeat('x', ${VALUE_BYTES}) as value from products where id = $1`,
    values: [key],
  })
  await shard.set(`aside:${key}`, rows[0]?.value ?? '', 'PX', 600_000)
}

const run = await closedLoop(Number(requests), Number(inFlight), mode === 'hit' ? hit : aside)
process.stdout.write(JSON.stringify({ ...run, cpuMicros: process.cpuUsage().user + process.cpuUsage().system }))
for (const shard of shards) shard.disconnect()
await pool.end()
