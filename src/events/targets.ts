import type { KeyName } from '../keyspace/keyspaces.ts'
import type { TagOf } from '../keyspace/tag-check.ts'

/** What some events outdate, each once. */
export class Targets {
  readonly #keys = new Map<string, KeyName>()
  readonly #tags = new Map<string, TagOf>()
  readonly #keyspaces = new Set<string>()

  /** A key that its keyspace accepts, by the name that it has in every tier. */
  addKey(physicalKey: string, name: KeyName): void {
    this.#keys.set(physicalKey, name)
  }

  /** A tag that its keyspace accepts, by the name of its record. */
  addTag(record: string, tag: TagOf): void {
    this.#tags.set(record, tag)
  }

  addKeyspace(name: string): void {
    this.#keyspaces.add(name)
  }

  get keys(): readonly KeyName[] {
    return [...this.#keys.values()]
  }

  get tags(): readonly TagOf[] {
    return [...this.#tags.values()]
  }

  /** Outdated as a whole. */
  get keyspaces(): readonly string[] {
    return [...this.#keyspaces]
  }
}
