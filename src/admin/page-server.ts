import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Log } from '../base/log.ts'
import type { Readiness } from './readiness.ts'

/** Probes and scrapes are small and come from near by: whoever takes longer to ask is cut off. */
const REQUEST_TIMEOUT_MS = 10_000

export interface PageSources {
  readonly readiness: () => Readiness
  readonly metrics: { readonly contentType: string; render(): Promise<string> }
  readonly log: Log
}

interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
}

type Route = () => Page | Promise<Page>

/** Probes and metrics over HTTP: `/livez`, `/startupz`, `/readyz`, `/metrics`. Listens nowhere yet. */
export function createPageServer({ readiness, metrics, log }: PageSources): Server {
  const routes = new Map<string, Route>([
    // An answer at all is the proof: the event loop turns.
    ['/livez', () => json(200, { live: true })],
    ['/startupz', () => startedPage(readiness())],
    ['/readyz', () => readyPage(readiness())],
    ['/metrics', async () => ({ status: 200, type: metrics.contentType, body: await metrics.render() })],
  ])
  const server = createServer((request, response) => void reply(routes, log, request, response))
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.headersTimeout = REQUEST_TIMEOUT_MS
  return server
}

async function reply(
  routes: ReadonlyMap<string, Route>,
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const page = await pageFor(routes, log, request)
  const allow = page.status === 405 ? { allow: 'GET, HEAD' } : {}
  response.writeHead(page.status, {
    'content-type': page.type,
    'content-length': Buffer.byteLength(page.body),
    'cache-control': 'no-store',
    ...allow,
  })
  response.end(request.method === 'HEAD' ? undefined : page.body)
}

async function pageFor(routes: ReadonlyMap<string, Route>, log: Log, { method, url }: IncomingMessage): Promise<Page> {
  const path = (url ?? '/').split('?', 1)[0] ?? '/'
  const route = routes.get(path)
  if (route === undefined) return json(404, { error: 'no such page', pages: [...routes.keys()] })
  if (method !== 'GET' && method !== 'HEAD') return json(405, { error: 'only GET and HEAD are served' })
  try {
    return await route()
  } catch (error) {
    log.error({ path, stack: error instanceof Error ? error.stack : undefined }, 'a page could not be made')
    return json(500, { error: 'the page could not be made; the log of the sidecar has the cause' })
  }
}

function startedPage({ started }: Readiness): Page {
  return json(started ? 200 : 503, { started })
}

function readyPage(readiness: Readiness): Page {
  return json(readiness.ready ? 200 : 503, readiness)
}

function json(status: number, body: object): Page {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` }
}
