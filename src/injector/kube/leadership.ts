import { z } from 'zod'
import type { Clock } from '../../base/clock.ts'
import type { ApiClient } from '../../kube/api-client.ts'

/** Who holds a Lease and is silent for so long has lost it. */
export const LEASE_MS = 15_000

/** A holder that has not been able to renew for so long acts no more: others may take over soon. */
const RENEW_WITHIN_MS = 10_000

export interface LeadershipOptions {
  readonly namespace: string
  readonly name: string
  /** Of this replica; no other has it. */
  readonly identity: string
}

export interface LeadershipParts {
  readonly api: ApiClient
  readonly clock: Clock
}

const lease = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  spec: z
    .looseObject({
      holderIdentity: z.string().nullish(),
      acquireTime: z.string().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .nullish(),
})
type Lease = z.output<typeof lease>

/**
 * One of several replicas, by a Lease of `coordination.k8s.io`. Clocks of two machines are never compared: a holder counts as silent when
 * its Lease has not changed for `LEASE_MS` on the clock of who looks, whatever times it names.
 */
export class Leadership {
  readonly #options: LeadershipOptions
  readonly #parts: LeadershipParts
  readonly #path: string
  /** The version of the Lease that was last seen, and since when. */
  #seen: { readonly version: string; readonly at: number } | undefined
  #renewedAt = Number.NEGATIVE_INFINITY
  #problem: string | undefined

  constructor(options: LeadershipOptions, parts: LeadershipParts) {
    this.#options = options
    this.#parts = parts
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${options.namespace}/leases`
  }

  get isLeader(): boolean {
    return this.#parts.clock.now() - this.#renewedAt < RENEW_WITHIN_MS
  }

  /** For people: why the Lease cannot be used; `undefined` if it can. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Renews the Lease, or takes it if it is free; to be called every few seconds. */
  async step(): Promise<void> {
    const { api, clock } = this.#parts
    const sentAt = clock.now()
    const answer = await api.get(`${this.#path}/${this.#options.name}`)
    if (answer.status === 404) return this.#settle(sentAt, await api.create(this.#path, this.#claim(undefined)))
    const read = lease.safeParse(answer.body)
    if (answer.status !== 200 || !read.success) {
      this.#problem = answer.why
      return
    }
    this.#problem = undefined
    const { metadata } = read.data
    if (this.#seen?.version !== metadata.resourceVersion) {
      this.#seen = { version: metadata.resourceVersion, at: clock.now() }
    }
    if (this.#mayHold(read.data)) await this.#replace(read.data, sentAt)
    else this.#renewedAt = Number.NEGATIVE_INFINITY
  }

  /** Lets another have it at once. */
  async release(): Promise<void> {
    if (!this.isLeader) return
    const { api } = this.#parts
    this.#renewedAt = Number.NEGATIVE_INFINITY
    const read = lease.safeParse((await api.get(`${this.#path}/${this.#options.name}`)).body)
    if (!read.success || read.data.spec?.holderIdentity !== this.#options.identity) return
    const { spec } = read.data
    await api.replace(`${this.#path}/${this.#options.name}`, { ...read.data, spec: { ...spec, holderIdentity: '' } })
  }

  #mayHold({ spec }: Lease): boolean {
    const holder = spec?.holderIdentity ?? ''
    if (holder === '' || holder === this.#options.identity) return true
    return this.#seen !== undefined && this.#parts.clock.now() - this.#seen.at >= LEASE_MS
  }

  async #replace(found: Lease, sentAt: number): Promise<void> {
    const path = `${this.#path}/${this.#options.name}`
    this.#settle(sentAt, await this.#parts.api.replace(path, this.#claim(found)))
  }

  #settle(sentAt: number, { status, why }: { readonly status: number; readonly why: string }): void {
    if (status === 200 || status === 201) {
      this.#renewedAt = sentAt
      this.#problem = undefined
    } else if (status === 409) {
      // Another was faster.
      this.#renewedAt = Number.NEGATIVE_INFINITY
    } else {
      this.#problem = why
    }
  }

  /** The Lease in our hands; times are only for people. */
  #claim(found: Lease | undefined): object {
    const { namespace, name, identity } = this.#options
    const now = new Date(this.#parts.clock.wall()).toISOString().replace('Z', '000Z')
    const isOurs = found?.spec?.holderIdentity === identity
    const transitions = found?.spec?.leaseTransitions ?? 0
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: found?.metadata ?? { namespace, name },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: LEASE_MS / 1_000,
        acquireTime: isOurs ? (found?.spec?.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: isOurs ? transitions : transitions + 1,
      },
    }
  }
}
