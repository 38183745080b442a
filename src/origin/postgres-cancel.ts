import { connect, type Socket } from 'node:net'
import type { Client } from 'pg'

const CANCEL_REQUEST_CODE = 80877102

/**
 * Asks the server to cancel what `client` runs, on a connection of its own, which the server closes without an answer:
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS. PostgreSQL takes such a
 * request before any TLS or authentication; its secret is only good for that one session. Never throws.
 */
export function sendCancelRequest(client: Client): Socket {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number }
  const request = Buffer.alloc(16)
  request.writeInt32BE(request.length, 0)
  request.writeInt32BE(CANCEL_REQUEST_CODE, 4)
  request.writeInt32BE(processID, 8)
  request.writeInt32BE(secretKey, 12)
  const { host, port } = client
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
  // Whoever sent it waits for the query to end, not for the request to arrive.
  socket.on('error', () => {})
  socket.unref()
  socket.end(request)
  return socket
}
