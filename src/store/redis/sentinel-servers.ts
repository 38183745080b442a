import { type Address, formatAddress } from '../../base/address.ts'
import type { Chance } from '../../base/chance.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Line, LineFailure, Server } from '../line.ts'
import type { NamedServer, Roster, RosterFollower } from '../roster.ts'
import { judgeRedis, type RedisServer } from './redis-server.ts'
import type { Sentinels, SentinelView } from './sentinels.ts'

export interface SentinelServersOptions {
  readonly shard: string
  /** The name under which the Sentinels know the primary. */
  readonly master: string
}

export interface SentinelServersParts {
  readonly sentinels: Sentinels
  /** A server at an address, with a guard of its own; `name` is that of a replica, `undefined` for the primary. */
  readonly serverAt: (address: Address, name: string | undefined) => RedisServer
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** The Sentinels are asked now and again though they have told of nothing: what they told may not have been heard. */
const LOOK_EVERY_MS = 10_000
/** What happens to one server is told by several Sentinels, and often followed by more. */
const LOOK_AFTER_MS = 100
/** A Sentinel is asked by one sidecar of a fleet in so many milliseconds. */
const LOOK_SPACE_MS = 1

interface Primary {
  readonly address: Address
  readonly server: RedisServer
  /** Of the configuration that named it. */
  epoch: number
}

interface Replica extends NamedServer {
  readonly address: Address
}

/**
 * The servers of one shard as its Sentinels name them: the primary, for which they are asked at every dial, and the
 * replicas. Each has a guard of its own, so that a new primary does not pay for what the former one failed to do.
 */
export class SentinelServers implements Server, Roster {
  readonly #options: SentinelServersOptions
  readonly #parts: SentinelServersParts
  #primary: Primary | undefined
  /** The open lines to the primary. */
  readonly #lines = new Set<Line>()
  #replicas: readonly Replica[] = []
  #follower: RosterFollower | undefined
  #unfollow: () => void = () => undefined
  #viewing: Promise<SentinelView> | undefined
  #timer: Timer | undefined
  #lookAt = Number.POSITIVE_INFINITY
  /** A new primary was told of, and nobody has looked since. */
  #switched = false
  #closed = false

  constructor(options: SentinelServersOptions, parts: SentinelServersParts) {
    this.#options = options
    this.#parts = parts
  }

  /** Host and port of each, as far as is known. */
  get addresses(): { readonly primary: string; readonly replicas: readonly string[] } {
    const primary = this.#primary === undefined ? '' : formatAddress(this.#primary.address)
    return { primary, replicas: this.#replicas.map(({ address }) => formatAddress(address)) }
  }

  follow(follower: RosterFollower): void {
    this.#follower = follower
    const { sentinels } = this.#parts
    this.#unfollow = sentinels.follow({
      master: this.#options.master,
      fleet: follower.fleet,
      onNews: (isSwitch) => {
        this.#switched ||= isSwitch
        this.#lookIn(this.#spreadMs() + (isSwitch ? 0 : LOOK_AFTER_MS))
      },
    })
  }

  async look(): Promise<void> {
    this.#timer?.cancel()
    this.#lookAt = Number.POSITIVE_INFINITY
    const isSwitch = this.#switched
    this.#switched = false
    const view = await this.#view().catch((error: Error) => {
      this.#parts.log.debug({ shard: this.#options.shard, why: error.message }, 'Sentinels not asked')
    })
    if (this.#closed) return
    this.#lookIn(LOOK_EVERY_MS * (0.5 + this.#parts.chance.uniform()))
    if (view === undefined) return
    this.#heed(view)
    if (isSwitch) this.#follower?.found()
    this.#replicas = this.#known(view.replicas)
    this.#follower?.replicas(this.#replicas)
  }

  async dial(lost: (why: string) => void): Promise<Line> {
    const view = await this.#view()
    if (this.#closed) throw new Error('closed')
    const { server } = this.#at(view)
    let line: Line | undefined
    const opened = await server.dial((why) => {
      if (line !== undefined) this.#lines.delete(line)
      lost(why)
    })
    line = opened
    this.#lines.add(line)
    if (server !== this.#primary?.server) {
      line.close()
      throw new Error('another server has become the primary meanwhile')
    }
    return line
  }

  refusal(): string | undefined {
    return this.#primary?.server.refusal()
  }

  judge(error: unknown): LineFailure {
    return judgeRedis(error)
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#unfollow()
    this.#leave()
  }

  /** One question at a time, so that no answer overtakes another. */
  #view(): Promise<SentinelView> {
    this.#viewing ??= this.#parts.sentinels.view(this.#options.master).finally(() => {
      this.#viewing = undefined
    })
    return this.#viewing
  }

  #at({ primary: address, epoch }: SentinelView): Primary {
    if (this.#primary !== undefined && isSame(this.#primary.address, address)) {
      this.#primary.epoch = epoch
      return this.#primary
    }
    this.#leave()
    this.#primary = { address, epoch, server: this.#parts.serverAt(address, undefined) }
    return this.#primary
  }

  /** Leaves the primary where the Sentinels name another. */
  #heed({ primary, epoch }: SentinelView): void {
    const known = this.#primary
    if (known === undefined || isSame(known.address, primary)) return
    // A line that stands counts for more than Sentinels that were cut off, or have forgotten everything.
    if (epoch > known.epoch || this.#lines.size === 0) this.#leave()
  }

  #leave(): void {
    const former = this.#primary
    this.#primary = undefined
    for (const line of [...this.#lines]) line.close()
    this.#lines.clear()
    former?.server.close()
  }

  /** A replica keeps its name and its connection; a new one takes the first name that is free. */
  #known(addresses: readonly Address[]): readonly Replica[] {
    const kept = this.#replicas.filter((known) => addresses.some((address) => isSame(address, known.address)))
    const all = [...kept]
    for (const address of addresses) {
      if (kept.some((known) => isSame(address, known.address))) continue
      const name = firstFree(all)
      all.push({ name, address, server: this.#parts.serverAt(address, name) })
    }
    return all
  }

  #spreadMs(): number {
    return (this.#follower?.fleet() ?? 0) * LOOK_SPACE_MS * this.#parts.chance.uniform()
  }

  /** Unless that is to happen sooner anyway. */
  #lookIn(delayMs: number): void {
    const { clock } = this.#parts
    const at = clock.now() + delayMs
    if (this.#closed || at >= this.#lookAt) return
    this.#lookAt = at
    this.#timer?.cancel()
    this.#timer = clock.after(delayMs, () => void this.look())
  }
}

function firstFree(taken: readonly NamedServer[]): string {
  const names = new Set(taken.map(({ name }) => name))
  let number = 1
  while (names.has(String(number))) number += 1
  return String(number)
}

function isSame(a: Address, b: Address): boolean {
  return a.host === b.host && a.port === b.port
}
