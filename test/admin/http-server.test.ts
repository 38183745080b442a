import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HttpServer } from '../../src/admin/http-server.ts'
import type { Readiness } from '../../src/admin/readiness.ts'
import { silentLog } from '../../src/base/log.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

let readiness: Readiness
let render: () => Promise<string>
let server: HttpServer
let logged: string[]

beforeEach(async () => {
  readiness = { ready: true, started: true, reasons: [], details: {} }
  render = async () => 'ringside_near_bytes 1\n'
  logged = []
  server = new HttpServer({
    listen: LOOPBACK,
    readiness: () => readiness,
    metrics: { contentType: 'text/plain; version=0.0.4', render: () => render() },
    log: { ...silentLog, error: (fields) => logged.push(JSON.stringify(fields)) },
  })
  await server.start()
})

afterEach(() => server.close())

function ask(path: string, method = 'GET') {
  return new Promise<{ status: number; type: string; allow: string | undefined; body: string }>((resolve, reject) => {
    const asked = request(`http://${server.address()}${path}`, { method, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          type: response.headers['content-type']!,
          allow: response.headers.allow,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    asked.on('error', reject)
    asked.end()
  })
}

describe('the HTTP server', () => {
  it('says that it lives, also when it is not ready', async () => {
    readiness = { ready: false, started: true, reasons: ['shard a does not answer'], details: {} }
    expect(await ask('/livez')).toMatchObject({ status: 200, body: '{"live":true}\n' })
  })

  it('says whether it has begun to serve, be it ready or not', async () => {
    readiness = { ready: false, started: true, reasons: ['shard a does not answer'], details: {} }
    expect((await ask('/startupz')).status).toBe(200)
    readiness = { ready: false, started: false, reasons: ['the sidecar is starting'], details: {} }
    expect(await ask('/startupz')).toMatchObject({ status: 503, body: '{"started":false}\n' })
  })

  it('says 200 when ready and 503 with the reasons when not', async () => {
    expect((await ask('/readyz')).status).toBe(200)
    readiness = {
      ready: false,
      started: true,
      reasons: ['shard a does not answer'],
      details: { shards: { a: 'down' } },
    }
    const found = await ask('/readyz?verbose')
    expect(found.status).toBe(503)
    expect(found.type).toBe('application/json; charset=utf-8')
    expect(JSON.parse(found.body)).toStrictEqual(readiness)
  })

  it('serves the metrics under their own content type', async () => {
    expect(await ask('/metrics')).toMatchObject({
      status: 200,
      type: 'text/plain; version=0.0.4',
      body: 'ringside_near_bytes 1\n',
    })
  })

  it('answers 500 to a page that fails, keeps the cause to the log, and lives on', async () => {
    render = async () => {
      throw new Error('no such shard')
    }
    const found = await ask('/metrics')
    expect(found.status).toBe(500)
    expect(found.body).not.toContain('no such shard')
    expect(logged).toStrictEqual([expect.stringContaining('no such shard')])
    expect((await ask('/livez')).status).toBe(200)
  })

  it.each(['/', '/livez/', '/metrics/x', '/%'])('answers 404 with the pages that exist to %s', async (path) => {
    const found = await ask(path)
    expect(found.status).toBe(404)
    expect(JSON.parse(found.body)).toMatchObject({ pages: ['/livez', '/startupz', '/readyz', '/metrics'] })
  })

  it('answers 405 to other methods, and HEAD without a body', async () => {
    expect(await ask('/readyz', 'POST')).toMatchObject({ status: 405, allow: 'GET, HEAD' })
    expect(await ask('/readyz', 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  it('closes although a client keeps its connection open', async () => {
    const [host, port] = server.address()!.split(':')
    const idle = await new Promise<Socket>((resolve) => {
      const socket = connect({ host: host!, port: Number(port) }, () => resolve(socket))
    })
    const cut = new Promise((resolve) => idle.once('close', resolve))
    idle.on('error', () => {})
    await server.close()
    await cut
    expect(server.address()).toBeUndefined()
  })

  it('names the address in the error when another process has it', async () => {
    const [host, port] = server.address()!.split(':')
    const second = new HttpServer({
      listen: { host: host!, port: Number(port) },
      readiness: () => readiness,
      metrics: { contentType: '', render },
      log: silentLog,
    })
    await expect(second.start()).rejects.toMatchObject({
      reason: 'CONFIG_INVALID',
      message: `listen.admin: 127.0.0.1:${port} is in use by another process; stop it or choose another address`,
    })
  })
})
