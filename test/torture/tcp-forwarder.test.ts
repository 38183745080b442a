import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TcpForwarder } from '../support/tcp-forwarder.ts'
import { until } from '../support/until.ts'

/** Whether it ends with an error or without. */
const closing = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()))

describe('TcpForwarder', () => {
  let echo: { server: Server; port: number; heard: string }
  let road: TcpForwarder
  const sockets: Socket[] = []

  async function serve(prefix: string): Promise<typeof echo> {
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => {
        one.heard += chunk
        socket.write(`${prefix}${chunk}`)
      })
    })
    const one = { server, port: 0, heard: '' }
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (typeof address === 'object' && address) one.port = address.port
    return one
  }

  async function connect(): Promise<{ socket: Socket; received: () => string }> {
    const socket = createConnection(road.port, '127.0.0.1')
    sockets.push(socket)
    let text = ''
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      text += chunk
    })
    await once(socket, 'connect')
    return { socket, received: () => text }
  }

  beforeEach(async () => {
    echo = await serve('')
    road = await TcpForwarder.start(echo.port)
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await road.close()
    echo.server.close()
  })

  it('keeps the order of bytes while it is slow, and when it stops being so', async () => {
    const { socket, received } = await connect()
    let sent = ''
    for (let part = 0; part < 300; part += 1) {
      road.slow(part % 60)
      socket.write(`${part},`)
      sent += `${part},`
      await new Promise((resolve) => setImmediate(resolve))
    }
    road.slow(0)
    await until('the whole echo', () => received().length === sent.length)
    expect(received()).toBe(sent)
  })

  it('passes nothing while it holds, and everything afterwards', async () => {
    const { socket, received } = await connect()
    road.hold(['replies'])
    socket.write('a')
    await until('the request', () => echo.heard === 'a')
    road.hold(['requests'])
    socket.write('b')
    expect(received()).toBe('')
    road.release()
    await until('both replies', () => received() === 'ab')
    expect(echo.heard).toBe('ab')
  })

  it('holds connections that are made meanwhile', async () => {
    road.hold()
    const { socket, received } = await connect()
    socket.write('a')
    await until('the connection', () => road.connections === 1)
    road.release()
    await until('the reply', () => received() === 'a')
  })

  it('loses with a cut what it held', async () => {
    const { socket } = await connect()
    road.hold(['requests'])
    socket.write('lost')
    await until('the connection', () => road.connections === 1)
    const closed = closing(socket)
    road.cut()
    road.release()
    await closed
    const next = await connect()
    next.socket.write('kept')
    await until('the reply', () => next.received() === 'kept')
    expect(echo.heard).toBe('kept')
  })

  it('turns everybody away until they are welcome', async () => {
    road.refuse()
    const { socket } = await connect()
    await closing(socket)
    road.welcome()
    const next = await connect()
    next.socket.write('a')
    await until('the reply', () => next.received() === 'a')
  })

  it('leads new connections elsewhere', async () => {
    const other = await serve('other ')
    road.point(other.port)
    const { socket, received } = await connect()
    socket.write('a')
    await until('the reply', () => received() === 'other a')
    other.server.close()
  })
})
