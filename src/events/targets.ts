import type { KeyName } from '../keyspace/keyspaces.ts'

/** What some events outdate, each once. */
export class Targets {
  readonly #keys = new Map<string, KeyName>()

  /** A key that its keyspace accepts, by the name that it has in every tier. */
  addKey(physicalKey: string, name: KeyName): void {
    this.#keys.set(physicalKey, name)
  }

  get keys(): readonly KeyName[] {
    return [...this.#keys.values()]
  }
}
