import { join } from 'node:path'
import { HttpServer } from './admin/http-server.ts'
import type { Readiness } from './admin/readiness.ts'
import type { Address } from './base/address.ts'
import type { Chance } from './base/chance.ts'
import { type Clock, pause } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { ConfigWatch } from './config/config-watch.ts'
import { CERTIFICATE_FILES, CertificateFolder } from './injector/certs/certificate-folder.ts'
import { CertificateKeeper, LOOK_EVERY_MS } from './injector/certs/certificate-keeper.ts'
import type { KeyPair } from './injector/certs/key-pair.ts'
import { InjectionServer } from './injector/injection-server.ts'
import type { InjectorFlags } from './injector/injector-flags.ts'
import { CertificateSecret } from './injector/kube/certificate-secret.ts'
import { Leadership } from './injector/kube/leadership.ts'
import { ServerVersion } from './injector/kube/server-version.ts'
import { WebhookTrust } from './injector/kube/webhook-trust.ts'
import { chooseMode, type WantedMode } from './injector/mode.ts'
import { review } from './injector/review.ts'
import { ReviewTally } from './injector/review-tally.ts'
import { Rounds } from './injector/rounds.ts'
import { ApiClient } from './kube/api-client.ts'
import { createInjectorMetrics } from './metrics/injector-metrics.ts'

/** Of the Deployment, its Service, the webhook configuration and the Lease alike. */
const NAME = 'ringside-injector'
const SECRET = `${NAME}-tls`

export interface InjectorSurroundings {
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** Where this replica runs. */
  readonly namespace: string
  /** Of this replica; no other has it. */
  readonly identity: string
  /** The API server, and the folder of what a pod shows to it. */
  readonly api: { readonly address: Address; readonly account: string }
}

export interface OpenInjector {
  /** Rejects with `CONFIG_INVALID` when an address cannot be had. The API server may come later. */
  start(): Promise<{ readonly webhook: string | undefined; readonly http: string | undefined }>
  /** Says that it is not ready, goes on answering for `lingerMs` more, and finishes what is being answered. */
  close(lingerMs: number): Promise<void>
}

/** Where the certificate comes from. */
interface CertificateSource {
  readonly expiresInMs: number | undefined
  readonly problems: readonly string[]
  readonly isLeader: boolean
  start(): Promise<void>
  close(): Promise<void>
}

/** The wiring of one injector. */
export function openInjector(flags: InjectorFlags, parts: InjectorSurroundings): OpenInjector {
  const { clock, log } = parts
  const api = new ApiClient({ ...parts.api, clock })
  const version = new ServerVersion(api, { clock, log })
  const tally = new ReviewTally()
  const { image, mode } = flags
  const server = new InjectionServer({
    listen: flags.listen,
    review: (request, optIn) =>
      review(request, optIn, { image, mode: usualMode(mode, version.minor), minor: version.minor }),
    tally,
    log,
  })
  const serve = (pair: KeyPair) => server.setCertificate(pair)
  const certificates =
    flags.certs === undefined ? ownCertificates(api, { ...parts, serve }) : mounted(flags.certs, { ...parts, serve })
  const phase = { isClosing: false }
  const readiness = () =>
    assess(certificates, { ...phase, lacksVersion: mode === 'auto' && version.minor === undefined })
  const metrics = createInjectorMetrics({
    reviews: () => tally.counts,
    expiresInMs: () => certificates.expiresInMs,
    isLeader: () => certificates.isLeader,
    problems: () => certificates.problems,
  })
  const http = new HttpServer({ listen: flags.http, key: '--http', readiness, metrics, log })
  return {
    async start() {
      await http.start()
      await server.start()
      version.start()
      await certificates.start()
      return { webhook: server.address(), http: http.address() }
    },
    async close(lingerMs) {
      phase.isClosing = true
      version.close()
      await certificates.close()
      server.retire()
      await pause(clock, lingerMs)
      await server.close()
      await http.close()
      api.close()
    },
  }
}

/** What the flag asks for, where that can be had: a pod that names no mode itself is never denied for the flag's sake. */
function usualMode(wanted: WantedMode, minor: number | undefined): WantedMode {
  return chooseMode(wanted, minor) ?? 'classic'
}

type Served = InjectorSurroundings & { readonly serve: (pair: KeyPair) => void }

function ownCertificates(api: ApiClient, parts: Served): CertificateSource {
  const { namespace, identity } = parts
  const leadership = new Leadership({ namespace, name: NAME, identity }, { api, clock: parts.clock })
  const secret = new CertificateSecret(api, { namespace, name: SECRET })
  const trust = new WebhookTrust(api, NAME)
  const keeper = new CertificateKeeper(dnsNames(namespace), { ...parts, api, leadership, secret, trust })
  const rounds = new Rounds(LOOK_EVERY_MS, parts.clock, () => keeper.look())
  return {
    get expiresInMs() {
      return keeper.expiresInMs
    },
    get problems() {
      return keeper.problems
    },
    get isLeader() {
      return leadership.isLeader
    },
    async start() {
      rounds.start()
    },
    async close() {
      await rounds.close()
      await keeper.close()
    },
  }
}

/** What the API server calls the Service, and what others may. */
function dnsNames(namespace: string): readonly string[] {
  const service = `${NAME}.${namespace}`
  return [`${service}.svc`, `${service}.svc.cluster.local`, service]
}

function mounted(folder: string, { clock, log, serve }: Served): CertificateSource {
  const source = new CertificateFolder(folder, { serve, log, now: () => clock.wall() })
  const onChanged = () => source.read()
  const watches = Object.values(CERTIFICATE_FILES).map(
    (file) => new ConfigWatch(join(folder, file), { clock, onChanged }),
  )
  return {
    get expiresInMs() {
      return source.expiresInMs
    },
    get problems() {
      return source.problems
    },
    isLeader: false,
    async start() {
      await Promise.all(watches.map((watch) => watch.start()))
      await source.read()
    },
    async close() {
      for (const watch of watches) watch.close()
    },
  }
}

interface Phase {
  readonly isClosing: boolean
  readonly lacksVersion: boolean
}

/** Ready as soon as it can answer: what is wrong with keeping certificates is told, and no reason to take it away. */
function assess({ expiresInMs, problems, isLeader }: CertificateSource, { isClosing, lacksVersion }: Phase): Readiness {
  const lacks = [
    ...(isClosing ? ['it is stopping'] : []),
    ...(expiresInMs === undefined ? ['there is no certificate yet'] : []),
    ...(expiresInMs !== undefined && expiresInMs <= 0 ? ['the certificate has expired'] : []),
    ...(lacksVersion ? ['the version of the API server is not known yet'] : []),
  ]
  const expiresInS = expiresInMs === undefined ? null : Math.round(expiresInMs / 1_000)
  return {
    ready: lacks.length === 0,
    started: expiresInMs !== undefined,
    reasons: [...lacks, ...problems],
    details: { certificate: { expiresInS }, isLeader },
  }
}
