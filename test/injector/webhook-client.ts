import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'

export interface WebhookAnswer {
  readonly status: number
  readonly body: Record<string, unknown> & { response?: Record<string, unknown> }
}

export interface WebhookCall {
  /** `host:port`. */
  readonly address: string
  readonly path?: string
  readonly method?: string
  readonly body: string
  /** Whom the caller believes. */
  readonly ca: string
  /** The name under which the API server knows the Service. */
  readonly servername: string
  readonly agent?: Agent
}

/** One call as the API server makes it; on a connection of its own unless an agent keeps one. */
export function callWebhook({
  address,
  path = '/inject',
  method = 'POST',
  body,
  agent,
  ...tls
}: WebhookCall): Promise<WebhookAnswer> {
  const port = Number(address.split(':').at(-1))
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers, agent: agent ?? new Agent(), ...tls }
    const call = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) })
      })
    })
    call.on('error', reject)
    call.end(body)
  })
}

/** The reviews that an API server of Kubernetes 1.20 or 1.36 sent, as they came. */
export function recordedReviews(version: '1.20' | '1.36'): readonly string[] {
  const text = readFileSync(`test/injector/fixtures/admissionreview-v${version}-pod-create.jsonl`, 'utf8')
  return text.split('\n').filter((line) => line.trim() !== '')
}

/** The pod of a review. */
export function podIn(review: string): object {
  return (JSON.parse(review) as { request: { object: object } }).request.object
}

export function uidOf(review: string): string {
  return (JSON.parse(review) as { request: { uid: string } }).request.uid
}
