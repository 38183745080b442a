import type { KeyText } from './key-text.ts'

/**
 * Hashes keys: FNV-1a over UTF-16 units, mixed as MurmurHash3 ends, so that all bits are as good. A key in two pieces has the
 * hash that it has as one. On the path of every near hit, where most keys begin as the one before did: how that begins is
 * remembered.
 */
export class KeyHash {
  readonly #basis: number
  #prefix = ''
  #afterPrefix: number

  /** `seed`: against crafted keys. */
  constructor(seed: number) {
    this.#basis = 0x811c9dc5 ^ seed
    this.#afterPrefix = this.#basis
  }

  of(key: string): number {
    return mixed(added(this.#basis, key))
  }

  ofText({ prefix, bytes, start, end }: KeyText): number {
    if (prefix !== this.#prefix) {
      this.#prefix = prefix
      this.#afterPrefix = added(this.#basis, prefix)
    }
    let hash = this.#afterPrefix
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
    return mixed(hash)
  }
}

function added(before: number, text: string): number {
  let hash = before
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}

function mixed(before: number): number {
  let hash = Math.imul(before ^ (before >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
