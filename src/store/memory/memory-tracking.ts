/** As Redis has it (tracking-table-max-keys): what it forgets beyond that counts as changed. */
const MOST_KEYS = 1_000_000

/** Who asks a server: one connection, as far as the server knows it. */
export interface MemoryClient {
  /** Told once about the next change of each key that it read; `undefined` for any of them. Called in the middle of an operation. */
  readonly changed: ((key: string | undefined) => void) | undefined
}

/** Who is to be told of the next change of which key. */
export class MemoryTracking {
  readonly #mostKeys: number
  readonly #clients = new Map<string, Set<MemoryClient>>()

  constructor(mostKeys = MOST_KEYS) {
    this.#mostKeys = mostKeys
  }

  /** How many keys are tracked. */
  get size(): number {
    return this.#clients.size
  }

  add(key: string, client: MemoryClient): void {
    if (client.changed === undefined) return
    const clients = this.#clients.get(key)
    if (clients !== undefined) {
      clients.add(client)
      return
    }
    this.#clients.set(key, new Set([client]))
    const [oldest] = this.#clients.size > this.#mostKeys ? this.#clients.keys() : []
    if (oldest !== undefined) this.tell(oldest)
  }

  tell(key: string): void {
    const clients = this.#clients.get(key)
    if (clients === undefined) return
    this.#clients.delete(key)
    for (const client of clients) client.changed?.(key)
  }

  /** Everything has changed. */
  tellAll(): void {
    const clients = new Set([...this.#clients.values()].flatMap((some) => [...some]))
    this.#clients.clear()
    for (const client of clients) client.changed?.(undefined)
  }

  forget(client: MemoryClient): void {
    for (const [key, clients] of this.#clients) {
      clients.delete(client)
      if (clients.size === 0) this.#clients.delete(key)
    }
  }
}
