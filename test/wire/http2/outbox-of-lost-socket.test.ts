import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Outbox } from '../../../src/wire/http2/outbox.ts'

describe('an outbox', () => {
  it('asks for more when its socket has let go of bytes, and for nothing once the socket is lost', async () => {
    let asked = 0
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
    const outbox = new Outbox(socket as unknown as Socket, () => {
      asked += 1
    })
    const send = () => {
      outbox.reserve(1)
      outbox.at += 1
      outbox.flush()
      return new Promise<void>((resolve) => setImmediate(resolve))
    }
    await send()
    expect(asked).toBe(1)
    socket.destroy()
    await send()
    expect(asked).toBe(1)
    expect(outbox.pending).toBe(0)
  })
})
