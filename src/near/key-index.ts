const SHARDS = 64
/** Characters of a key, from its end, that choose its shard: keys differ at the end, and a longer walk costs each `get`. */
const TAIL = 8

/** A map of keys in shards, because one `Map` stops the process while it grows: 90 ms at a million keys, here a 64th. */
export class KeyIndex<T> {
  readonly #shards = Array.from({ length: SHARDS }, () => new Map<string, T>())

  get(key: string): T | undefined {
    return this.#shardOf(key).get(key)
  }

  set(key: string, value: T): void {
    this.#shardOf(key).set(key, value)
  }

  delete(key: string): void {
    this.#shardOf(key).delete(key)
  }

  clear(): void {
    for (const shard of this.#shards) shard.clear()
  }

  #shardOf(key: string): Map<string, T> {
    let hash = key.length
    for (let at = Math.max(0, key.length - TAIL); at < key.length; at += 1) {
      hash = Math.imul(hash ^ key.charCodeAt(at), 0x9e3779b1)
    }
    return this.#shards[hash >>> 26]!
  }
}
