// Reads one product every second, and says where the answer came from.
import { setTimeout } from 'node:timers/promises'
import { RingsideClient } from '/app/dist/client/ringside-client.js'

const cache = new RingsideClient() // at RINGSIDE_SOCKET, else RINGSIDE_ADDR
const reads = Number(process.env.READS ?? Number.POSITIVE_INFINITY)
process.once('SIGTERM', () => process.exit(0))

for (let read = 0; read < reads; read += 1) {
  await cache.get('product', '1', { timeoutMs: 500 }).then(
    ({ source, value }) => console.log(source, value.toString().slice(0, 60)),
    (failure) => console.log(failure.reason, failure.message),
  )
  await setTimeout(1_000)
}
cache.close()
