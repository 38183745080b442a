import type { Redis } from 'ioredis'
import type { Address } from '../../base/address.ts'
import type { Chance } from '../../base/chance.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type SentinelEvent, SentinelLink } from './sentinel-link.ts'

export interface SentinelsOptions {
  /** `shown` is without secrets. */
  readonly nodes: readonly { readonly url: string; readonly shown: string }[]
  /** How long a Sentinel has for an answer. */
  readonly timeoutMs: number
}

export interface SentinelsParts {
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** Who is who of one shard, as the Sentinels with the newest configuration say. */
export interface SentinelView {
  readonly primary: Address
  /** Of the configuration: it grows with every failover. */
  readonly epoch: number
  /** Those that are well. */
  readonly replicas: readonly Address[]
}

export interface SentinelFollower {
  readonly master: string
  /** How many sidecars use the shard, as far as is known. */
  readonly fleet: () => number
  /** Something may have changed; `isSwitch`: there is a new primary. */
  readonly onNews: (isSwitch: boolean) => void
}

/**
 * The Sentinels that watch some shards together. All are asked at once, and the newest configuration counts: a Sentinel
 * that was cut off goes on naming the former primary, with an older epoch, until it has heard of the others again.
 */
export class Sentinels {
  readonly #open: () => readonly SentinelLink[]
  #links: readonly SentinelLink[] = []
  readonly #followers = new Set<SentinelFollower>()
  #started: Promise<unknown> | undefined

  constructor(options: SentinelsOptions, parts: SentinelsParts) {
    const fleet = () => Math.max(0, ...[...this.#followers].map((follower) => follower.fleet()))
    const events = { onEvent: (event: SentinelEvent) => this.#tell(event), onOpen: () => this.#tellAll() }
    this.#open = () =>
      options.nodes.map(
        ({ url, shown }) => new SentinelLink({ ...options, url, name: placeIn(shown) }, { ...parts, ...events, fleet }),
      )
  }

  /** Connects for the first follower, and closes all connections with the last. What ends it is answered. */
  follow(follower: SentinelFollower): () => void {
    if (this.#followers.size === 0) {
      this.#links = this.#open()
      this.#started = Promise.all(this.#links.map((link) => link.start()))
    }
    this.#followers.add(follower)
    return () => {
      if (this.#followers.delete(follower) && this.#followers.size === 0) for (const link of this.#links) link.close()
    }
  }

  /** Rejects where no Sentinel tells who is the primary. Those that are slow to answer are waited for only so long. */
  async view(master: string): Promise<SentinelView> {
    await this.#started
    const open = this.#links.flatMap(({ asks }) => asks ?? [])
    const answers = await Promise.allSettled(open.map((asks) => ask(asks, master)))
    const said = answers.flatMap((answer) => (answer.status === 'fulfilled' ? (answer.value ?? []) : []))
    const [newest] = said.sort((a, b) => b.epoch - a.epoch || b.replicas.length - a.replicas.length)
    if (newest !== undefined) return newest
    const isUnknown = answers.some((answer) => answer.status === 'fulfilled')
    if (isUnknown) throw new Error(`the Sentinels do not know a primary named ${master}`)
    const whys = this.#links.map((link) => `${link.name}: ${link.asks === undefined ? link.why : 'no answer in time'}`)
    throw new Error(`no Sentinel answers (${whys.join('; ')})`)
  }

  #tell({ name, text }: SentinelEvent): void {
    const words = text.split(' ')
    // `+switch-master` names the master first; what happens to one of its replicas names it behind an `@`.
    const isSwitch = name === '+switch-master'
    const at = words.indexOf('@')
    const master = isSwitch ? words[0] : words[at < 0 ? 1 : at + 1]
    for (const follower of this.#followers) if (follower.master === master) follower.onNews(isSwitch)
  }

  #tellAll(): void {
    for (const follower of this.#followers) follower.onNews(false)
  }
}

/** `undefined` where the Sentinel does not know the name. */
async function ask(asks: Redis, master: string): Promise<SentinelView | undefined> {
  const [address, state, replicas] = await Promise.all([
    // During a failover this names the new primary from its promotion on, `SENTINEL MASTER` only from its end on.
    asks.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', master) as Promise<readonly [string, string] | null>,
    asks.call('SENTINEL', 'MASTER', master).catch(unknownName) as Promise<readonly string[] | undefined>,
    asks.call('SENTINEL', 'REPLICAS', master).catch(unknownName) as Promise<readonly (readonly string[])[] | undefined>,
  ])
  if (address === null || state === undefined || replicas === undefined) return undefined
  const primary = { host: address[0], port: Number(address[1]) }
  return {
    primary,
    epoch: Number(fieldsOf(state).get('config-epoch') ?? 0),
    replicas: replicas.map(fieldsOf).flatMap((fields) => {
      const flags = fields.get('flags')?.split(',') ?? []
      const replica = { host: fields.get('ip') ?? '', port: Number(fields.get('port')) }
      const isUsable = !flags.some((flag) => UNUSABLE.has(flag)) && !isSame(replica, primary)
      return isUsable ? [replica] : []
    }),
  }
}

const UNUSABLE: ReadonlySet<string> = new Set(['s_down', 'o_down', 'disconnected'])

function unknownName(error: Error): undefined {
  if (!error.message.includes('No such master')) throw error
}

/** Replies that are maps come as lists of names and values. */
function fieldsOf(reply: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (let at = 0; at + 1 < reply.length; at += 2) fields.set(reply[at] as string, reply[at + 1] as string)
  return fields
}

function isSame(a: Address, b: Address): boolean {
  return a.host === b.host && a.port === b.port
}

function placeIn(url: string): string {
  return url.replace(/^[a-z]+:\/\/(?:.*@)?/i, '')
}
