/** FNV-1a over UTF-16 units, mixed as MurmurHash3 ends, so that all bits are as good. `seed`: against crafted keys. */
export function hashOf(key: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
