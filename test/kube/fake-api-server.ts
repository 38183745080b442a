import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyPatch, type Operation } from 'rfc6902'
import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import { issueAuthority, issueServer } from '../../src/injector/certs/issue.ts'

type Kept = Record<string, unknown> & { metadata: { name: string; resourceVersion: string } }

interface Answer {
  readonly status: number
  readonly body: unknown
}

/**
 * A small API server over real HTTPS: objects by their paths, each with a resourceVersion that has to be right, bearer
 * tokens, and a clock of its own, which answers carry.
 */
export class FakeApiServer {
  readonly objects = new Map<string, Kept>()
  readonly asked: string[] = []
  /** Folder of what a pod shows to it. */
  readonly account = mkdtempSync(join(tmpdir(), 'ringside-account-'))
  /** What clients have to show. */
  token = 'first'
  nowMs = systemClock.wall()
  version = { major: '1', minor: '36' }
  /** An answer instead of its own. */
  instead: (method: string, path: string) => Answer | undefined = () => undefined
  /** What happens between a request and its answer. */
  before: (method: string, path: string) => Promise<void> = async () => undefined
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #versions = 0

  constructor() {
    const life = { fromMs: systemClock.wall() - 60_000, untilMs: systemClock.wall() + 3_600_000 }
    const authority = issueAuthority('cluster', life, systemChance)
    const signer = { commonName: 'cluster', key: authority.key }
    const server = issueServer({ ...life, commonName: 'api', dnsNames: ['localhost'] }, signer, systemChance)
    const key = server.key.export({ type: 'pkcs8', format: 'pem' }) as string
    writeFileSync(join(this.account, 'ca.crt'), authority.cert)
    this.showToken(this.token)
    this.#server = createServer({ cert: server.cert, key }, (request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        const date = new Date(this.nowMs).toUTCString()
        response.writeHead(status, { 'content-type': 'application/json', date })
        response.end(JSON.stringify(body))
      })
    })
    this.#server.on('secureConnection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  start(port = 0): Promise<void> {
    return new Promise((resolve) => this.#server.listen({ host: '127.0.0.1', port }, () => resolve()))
  }

  get address() {
    return { host: 'localhost', port: (this.#server.address() as AddressInfo).port }
  }

  /** As the kubelet does when the token has been renewed. */
  showToken(token: string): void {
    writeFileSync(join(this.account, 'token'), token)
  }

  /** At once, and for good. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      for (const socket of this.#sockets) socket.destroy()
    })
    rmSync(this.account, { recursive: true, force: true })
  }

  put(path: string, object: object): void {
    const name = path.split('/').at(-1) as string
    const { metadata, ...rest } = object as { metadata?: object }
    this.#versions += 1
    this.objects.set(path, { ...rest, metadata: { ...metadata, name, resourceVersion: String(this.#versions) } })
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const [method, path] = [request.method as string, request.url as string]
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    this.asked.push(`${method} ${path}`)
    await this.before(method, path)
    const instead = this.instead(method, path)
    if (instead !== undefined) return instead
    if (request.headers.authorization !== `Bearer ${this.token}`) return status(401, 'Unauthorized')
    if (path === '/version') return { status: 200, body: this.version }
    const body = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())
    if (method === 'POST') return this.#create(path, body)
    const found = this.objects.get(path)
    if (found === undefined) return status(404, `${path} not found`)
    if (method === 'PUT') return this.#replace(path, found, body)
    if (method === 'PATCH') return this.#patch(path, found, body)
    return { status: 200, body: found }
  }

  #create(folder: string, object: Kept): Answer {
    const path = `${folder}/${object.metadata.name}`
    if (this.objects.has(path)) return status(409, 'already exists')
    this.put(path, object)
    return { status: 201, body: this.objects.get(path) }
  }

  #replace(path: string, found: Kept, object: Kept): Answer {
    if (object.metadata.resourceVersion !== found.metadata.resourceVersion) {
      return status(409, 'the object has been modified; please apply your changes to the latest version and try again')
    }
    this.put(path, object)
    return { status: 200, body: this.objects.get(path) }
  }

  #patch(path: string, found: Kept, operations: Operation[]): Answer {
    const changed = structuredClone(found)
    const failed = applyPatch(changed, operations).find((error) => error !== null)
    if (failed) return status(422, `the server rejected our request due to an error in our request: ${failed.message}`)
    this.put(path, changed)
    return { status: 200, body: this.objects.get(path) }
  }
}

function status(code: number, message: string): Answer {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code } }
}
