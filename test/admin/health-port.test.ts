import { once } from 'node:events'
import { request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { credentials, status } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HealthPort, type HealthPortOptions } from '../../src/admin/health-port.ts'
import { silentLog } from '../../src/base/log.ts'
import { Health as HealthOf } from '../../src/rpc/health.ts'
import { healthCalls } from '../../src/rpc/health-calls.ts'
import { Admin, Cache, call, Health } from '../rpc/client.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { until } from '../support/until.ts'

let port: HealthPort
let health: HealthOf
let clock: ManualClock
const open: { destroy(): void }[] = []

describe('the health port', () => {
  beforeEach(async () => {
    clock = new ManualClock()
    health = new HealthOf([{ name: 'ringside.v1.Cache', methods: { Get: {} as never } }])
    await start()
  })

  afterEach(async () => {
    for (const one of open.splice(0)) one.destroy()
    await port.close()
  })

  async function start(more: Partial<HealthPortOptions> = {}): Promise<void> {
    port = new HealthPort({
      listen: { host: '127.0.0.1', port: 0 },
      readiness: () => ({ ready: true, started: true, reasons: [], details: {} }),
      metrics: {
        contentType: 'text/plain; version=0.0.4',
        render: async () => `ringside_near_bytes 1\n${'#'.repeat(200_000)}`,
      },
      log: silentLog,
      takeGrpc: healthCalls({ health, clock }),
      clock,
      ...more,
    })
    await port.start()
  }

  function client<T>(Client: new (target: string, security: ReturnType<typeof credentials.createInsecure>) => T): T {
    return new Client(port.address() as string, credentials.createInsecure())
  }

  it('answers gRPC health as it is told, for the sidecar and for its services', async () => {
    const asked = client(Health)
    const check = (service: string) => call<{ status: string }>(asked, 'Check', { service })
    expect(await check('')).toEqual({ status: 'NOT_SERVING' })
    health.set(true)
    expect(await check('')).toEqual({ status: 'SERVING' })
    expect(await check('ringside.v1.Cache')).toEqual({ status: 'SERVING' })
    await expect(check('what')).rejects.toMatchObject({ code: status.NOT_FOUND })
    asked.close()
  })

  it('tells a watcher of every change', async () => {
    const asked = client(Health)
    const watch = (asked as unknown as { Watch(request: object): NodeJS.ReadableStream }).Watch({ service: '' })
    const seen = watch[Symbol.asyncIterator]()
    expect((await seen.next()).value).toEqual({ status: 'NOT_SERVING' })
    health.set(true)
    expect((await seen.next()).value).toEqual({ status: 'SERVING' })
    ;(watch as unknown as { cancel(): void }).cancel()
    await expect(seen.next()).rejects.toMatchObject({ code: status.CANCELLED })
    asked.close()
  })

  it('serves no other service', async () => {
    const [cache, admin] = [client(Cache), client(Admin)]
    await expect(call(cache, 'Get', { keyspace: 'product', key: '1' })).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
    })
    await expect(call(admin, 'Topology', {})).rejects.toMatchObject({ code: status.UNIMPLEMENTED })
    cache.close()
    admin.close()
  })

  it.each(['/livez', '/readyz', '/metrics'])('serves %s over HTTP/1.1, one request a connection', async (path) => {
    const { head, body } = await ask(`GET ${path} HTTP/1.1\r\nhost: pod\r\n\r\n`)
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(head.toLowerCase()).toContain('connection: close')
    if (path === '/metrics') expect(body).toHaveLength('ringside_near_bytes 1\n'.length + 200_000)
  })

  it('answers a request that comes a byte at a time, from one that has closed its side', async () => {
    const socket = await opened()
    for (const one of 'GET /livez HTTP/1.1\r\nhost: pod\r\n\r\n') socket.write(one)
    socket.end()
    expect(await rest(socket)).toContain('{"live":true}')
  })

  it.each(['POST /readyz', 'PUT /metrics', 'PRIVATE /livez', 'GET /nothing'])('refuses %s', async (line) => {
    expect((await ask(`${line} HTTP/1.1\r\nhost: pod\r\ncontent-length: 0\r\n\r\n`)).head).toMatch(/^HTTP\/1\.1 40/)
  })

  it.each([
    ['bytes that are nothing', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0xff])],
    ['a preface that turns into something else', Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n')],
    [
      'frames that are too large',
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\x04\x00\x00\x00\x00\x00', 'latin1'),
    ],
    ['headers without end', Buffer.from(`GET /livez HTTP/1.1\r\nx: ${'x'.repeat(64 * 1024)}`)],
  ])('hangs up on %s, and lives on', async (_what, bytes) => {
    const socket = await opened()
    socket.write(bytes)
    await rest(socket)
    expect((await ask('GET /livez HTTP/1.1\r\nhost: pod\r\n\r\n')).body).toBe('{"live":true}\n')
  })

  it('hangs up on who says nothing, or too little to be told what it speaks', async () => {
    const [silent, halting] = [await opened(), await opened()]
    halting.write('PR')
    await until('both are waited for', () => clock.pending >= 2)
    await clock.advance(5_000)
    expect([await rest(silent), await rest(halting)]).toEqual(['', ''])
  })

  it('hangs up on who asks too slowly, however steadily its bytes drip', async () => {
    const socket = await opened()
    socket.write('GET /livez HTTP/1.1\r\nx: ')
    await until('its deadline runs', () => clock.pending === 1)
    await clock.advance(29_999)
    socket.write('y')
    await clock.advance(1)
    expect(await rest(socket)).toBe('')
  })

  it('lets a probe in although others hold all of its connections: the oldest makes room', async () => {
    await port.close()
    await start({ maxConnections: 3 })
    const idle = [await opened(), await opened(), await opened()] as const
    const gone = rest(idle[0])
    expect((await ask('GET /livez HTTP/1.1\r\nhost: pod\r\n\r\n')).body).toBe('{"live":true}\n')
    expect(await gone).toBe('')
    const asked = client(Health)
    expect(await call(asked, 'Check', { service: '' })).toEqual({ status: 'NOT_SERVING' })
    asked.close()
    expect(idle.map((one) => one.closed)).toEqual([true, false, false])
  })

  it('allows few calls at once on one connection', async () => {
    const session = connectHttp2(`http://${port.address()}`)
    open.push(session)
    await once(session, 'remoteSettings')
    expect(session.remoteSettings.maxConcurrentStreams).toBe(16)
  })

  it('closes although clients of both kinds are connected', async () => {
    const asked = client(Health)
    await call(asked, 'Check', { service: '' })
    const socket = await opened()
    await port.close()
    expect(await rest(socket)).toBe('')
    expect(port.address()).toBeUndefined()
    asked.close()
  })

  it('serves HTTP to a client that knows nothing of any of this', async () => {
    const asked = request(`http://${port.address()}/readyz?verbose`)
    asked.end()
    const [response] = await once(asked, 'response')
    expect(response.statusCode).toBe(200)
    response.resume()
    await once(response, 'end')
  })

  async function opened(): Promise<Socket> {
    const [host, number] = (port.address() as string).split(':')
    const socket = connect({ host: host as string, port: Number(number) })
    socket.on('error', () => undefined)
    open.push(socket)
    await once(socket, 'connect')
    return socket
  }

  async function ask(text: string): Promise<{ head: string; body: string }> {
    const socket = await opened()
    socket.write(text)
    const answer = await rest(socket)
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    return { head, body }
  }
})

/** What comes until the other side hangs up. */
async function rest(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  if (!socket.closed) await once(socket, 'close')
  return text
}
