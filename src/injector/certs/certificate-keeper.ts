import type { Chance } from '../../base/chance.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { ApiClient } from '../../kube/api-client.ts'
import type { CertificateSecret, FoundSecret } from '../kube/certificate-secret.ts'
import type { Leadership } from '../kube/leadership.ts'
import type { WebhookTrust } from '../kube/webhook-trust.ts'
import { newGeneration } from './generation.ts'
import { type KeyPair, readPair } from './key-pair.ts'
import { type Certificates, nextRotation, readSecretTexts, secretTexts } from './rotation.ts'

/** How often a replica looks at what they all share. */
export const LOOK_EVERY_MS = 5_000

/** Every API server hears of a change of its webhooks within seconds; a new certificate is served after so long. */
export const SETTLE_MS = 60_000

export interface CertificateKeeperParts {
  readonly api: ApiClient
  readonly leadership: Leadership
  readonly secret: CertificateSecret
  readonly trust: WebhookTrust
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** Puts a certificate into service. */
  readonly serve: (pair: KeyPair) => void
}

/**
 * Certificates that the injectors make themselves: one leads, makes new ones, and tells the API server whom to believe; all serve what
 * the shared Secret says. Whatever cannot be reached, what is served goes on being served.
 */
export class CertificateKeeper {
  readonly #dnsNames: readonly string[]
  readonly #parts: CertificateKeeperParts
  #served: KeyPair | undefined
  /** What API servers have been told, and since when. */
  #told: { readonly bundle: string; readonly at: number } | undefined
  #problems: readonly string[] = []

  constructor(dnsNames: readonly string[], parts: CertificateKeeperParts) {
    this.#dnsNames = dnsNames
    this.#parts = parts
  }

  /** When what is served expires, on the clock of the API server; `undefined` while nothing is. */
  get expiresInMs(): number | undefined {
    const read = this.#served === undefined ? undefined : readPair(this.#served)
    return read === undefined ? undefined : read.untilMs - this.#parts.api.now()
  }

  /** For people: what has last gone wrong; none while all is well. */
  get problems(): readonly string[] {
    return this.#problems
  }

  /** One look at what all replicas share, with what follows from it; never twice at a time. Never rejects. */
  async look(): Promise<void> {
    const { leadership, secret } = this.#parts
    await leadership.step()
    const problems: (string | undefined)[] = [leadership.problem]
    const found = await secret.read()
    if (typeof found === 'string') problems.push(found)
    else problems.push(...(await this.#take(found)))
    this.#tell(problems.filter((problem) => problem !== undefined))
  }

  /** Lets another lead. */
  async close(): Promise<void> {
    await this.#parts.leadership.release()
  }

  async #take(found: FoundSecret): Promise<readonly (string | undefined)[]> {
    const stored = readSecretTexts(found.texts)
    if (stored !== undefined) this.#serve(stored.current)
    if (!this.#parts.leadership.isLeader) return []
    const { bundle, problem } = await this.#parts.trust.read()
    // Without knowing whom the API server believes, a lost Secret could be replaced by what it does not believe.
    if (problem !== undefined) return [problem]
    const facts = {
      nowMs: this.#parts.api.now(),
      served: this.#served,
      believed: bundle,
      settled: this.#isSettled(stored),
    }
    const rotation = nextRotation(stored, facts, () => newGeneration(this.#dnsNames, facts.nowMs, this.#parts.chance))
    if (rotation === undefined) return stored === undefined ? [] : [await this.#announce(stored)]
    const failure = await this.#parts.secret.write(found, secretTexts(rotation.certificates))
    if (failure !== undefined) return [failure]
    this.#parts.log.info({ why: rotation.why }, 'certificates changed')
    const untold = await this.#announce(rotation.certificates)
    this.#serve(rotation.certificates.current)
    return [untold]
  }

  /** Tells the API server whom to believe. */
  async #announce({ authorities }: Certificates): Promise<string | undefined> {
    const bundle = authorities.join('')
    const problem = await this.#parts.trust.ensure(bundle)
    if (problem !== undefined) this.#told = undefined
    else if (this.#told?.bundle !== bundle) this.#told = { bundle, at: this.#parts.clock.now() }
    return problem
  }

  #isSettled(stored: Certificates | undefined): boolean {
    if (stored === undefined || this.#told?.bundle !== stored.authorities.join('')) return false
    return this.#parts.clock.now() - this.#told.at >= SETTLE_MS
  }

  #serve(pair: KeyPair): void {
    if (pair.cert === this.#served?.cert && pair.key === this.#served.key) return
    this.#parts.serve(pair)
    this.#served = pair
    this.#parts.log.info({ expiresInMs: this.expiresInMs }, 'serving a certificate')
  }

  /** A problem is told once, not with every look. */
  #tell(problems: readonly string[]): void {
    for (const problem of problems) {
      if (!this.#problems.includes(problem)) this.#parts.log.warn({ problem }, 'certificates cannot be kept')
    }
    if (problems.length === 0 && this.#problems.length > 0) this.#parts.log.info({}, 'certificates are kept again')
    this.#problems = problems
  }
}
