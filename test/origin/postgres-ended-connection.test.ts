import { createServer, type Server } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { PostgresOrigin } from '../../src/origin/postgres-origin.ts'
import { patient } from './origin-contract.ts'

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([head, body])
}

const AUTHENTICATION_OK = message('R', Buffer.alloc(4))
const READY_FOR_QUERY = message('Z', Buffer.from('I'))
const TERMINATED = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'))

let server: Server
let url: string

// Ready, and ended by an administrator in the same packet.
beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(Buffer.concat([AUTHENTICATION_OK, READY_FOR_QUERY, TERMINATED])))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  url = `postgres://ringside@127.0.0.1:${address.port}/postgres`
})

afterEach(() => void server.close())

it('fails a load whose connection the server ends before a query was sent, and nothing else', async () => {
  const options = { name: 'catalog', url, load: 'select $1', timeoutMs: 2_000, maxConcurrent: 1 }
  const origin = new PostgresOrigin(options, { clock: systemClock, log: silentLog })
  const loading = origin.load({ keyspace: 'product', tenant: '' }, ['1'], patient())
  await expect(loading).rejects.toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
  await origin.close()
})
