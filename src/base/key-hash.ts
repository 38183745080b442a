import type { KeyText } from './key-text.ts'

/** FNV-1a over UTF-16 units, mixed as MurmurHash3 ends, so that all bits are as good. `seed`: against crafted keys. */
export function hashOf(key: string, seed: number): number {
  return mixed(added(0x811c9dc5 ^ seed, key))
}

/** The same for a key in two pieces. */
export function hashOfText({ prefix, bytes, start, end }: KeyText, seed: number): number {
  let hash = added(0x811c9dc5 ^ seed, prefix)
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  return mixed(hash)
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
