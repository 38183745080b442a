// Reads one large value slowly: 64 KiB, then nothing for 100 ms, to the end; then writes what it got.  argv: address, key of keyspace `near`, window in bytes
import { setTimeout as wait } from 'node:timers/promises'
import { framedGet } from './get-message.ts'
import { RawConnection } from './raw-connection.ts'

const READ_BYTES = 64 << 10
const EVERY_MS = 100

const [address, key, windowBytes] = process.argv.slice(2)
let read = 0

async function resumeLater(): Promise<void> {
  read = 0
  await wait(EVERY_MS)
  connection.resume()
}

const connection = new RawConnection({
  address: address as string,
  windowBytes: Number(windowBytes),
  buffer: Buffer.allocUnsafeSlow(READ_BYTES),
  onEnd: (_stream, bytes) => {
    process.stdout.write(`${bytes}\n`)
    process.exit()
  },
  onRead: (bytes) => {
    read += bytes
    if (read < READ_BYTES) return true
    void resumeLater()
    return false
  },
})
await connection.ready
connection.get(framedGet({ keyspace: 'near', key: key as string }))
connection.flush()
