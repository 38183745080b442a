import type { Server } from './line.ts'

/** A server of a shard under a name for logs and metrics; there are never more names than servers at once. */
export interface NamedServer {
  readonly name: string
  readonly server: Server
}

/** Who the servers of a shard are, where their roles change by themselves. */
export interface Roster {
  /** To be called before anything is dialled. */
  follow(follower: RosterFollower): void
  /** Reads who is what, and from then on tells of each change. Resolves when that was tried once; never rejects. */
  look(): Promise<void>
  close(): void
}

export interface RosterFollower {
  /** How many sidecars use the shard, as far as is known. */
  readonly fleet: () => number
  /** There is a primary by now: a dial that would wait need not. */
  readonly found: () => void
  /** The replicas by now. One that was listed before is the same object; who is missing is to be closed. */
  readonly replicas: (now: readonly NamedServer[]) => void
}
