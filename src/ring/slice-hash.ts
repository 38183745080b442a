/** FNV-1a, 32 bits: apart from the ring's own hash, so that each slice has keys of every node. */
export function sliceHash(key: string): number {
  let hash = 0x81_1c_9d_c5
  for (let place = 0; place < key.length; place += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(place), 0x01_00_01_93)
  }
  return hash >>> 0
}
