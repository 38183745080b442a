/** A bucket's width: wide enough that few fingerprints lose their place before their time when all places are taken. */
const WAYS = 8
const LEAST_PLACES = 1_024

/**
 * Remembers keys that left, oldest forgotten first, as 32-bit fingerprints in a bucketed table: 8 bytes a place and no
 * object per key. Age is counted in keys remembered since. A full bucket gives up its oldest early, and two keys may
 * share a fingerprint: either costs at most a wrong guess about one key. (S3-FIFO, section 4.3, proposes this table.)
 */
export class Ghost {
  #fingerprints = new Uint32Array(LEAST_PLACES)
  #stamps = new Uint32Array(LEAST_PLACES)
  #remembered = 0

  /** `limit`: how many keys it should remember now; the table follows it up and, lagging, down. */
  remember(key: string, limit: number): void {
    this.#fit(limit)
    this.#remembered = (this.#remembered + 1) >>> 0
    this.#store(fingerprintOf(key), this.#remembered)
  }

  /** Whether the key is among the last `limit` remembered; it is forgotten by that. */
  take(key: string, limit: number): boolean {
    const fingerprint = fingerprintOf(key)
    const start = this.#bucketOf(fingerprint)
    for (let place = start; place < start + WAYS; place += 1) {
      if (this.#fingerprints[place] !== fingerprint) continue
      this.#fingerprints[place] = 0
      return this.#age(this.#stamps[place]!) < limit
    }
    return false
  }

  clear(): void {
    this.#fingerprints = new Uint32Array(LEAST_PLACES)
    this.#stamps = new Uint32Array(LEAST_PLACES)
  }

  #store(fingerprint: number, stamp: number): void {
    const start = this.#bucketOf(fingerprint)
    let chosen = start
    let oldest = -1
    for (let place = start; place < start + WAYS; place += 1) {
      const occupant = this.#fingerprints[place]
      const age =
        occupant === 0 || occupant === fingerprint ? Number.POSITIVE_INFINITY : this.#age(this.#stamps[place]!)
      if (occupant === fingerprint || age > oldest) chosen = place
      if (occupant === fingerprint) break
      oldest = Math.max(oldest, age)
    }
    this.#fingerprints[chosen] = fingerprint
    this.#stamps[chosen] = stamp
  }

  #fit(limit: number): void {
    const places = this.#fingerprints.length
    if (limit <= places && (limit * 8 >= places || places === LEAST_PLACES)) return
    const fingerprints = this.#fingerprints
    const stamps = this.#stamps
    const fitting = Math.max(LEAST_PLACES, 2 ** Math.ceil(Math.log2(limit)))
    this.#fingerprints = new Uint32Array(fitting)
    this.#stamps = new Uint32Array(fitting)
    for (let place = 0; place < places; place += 1) {
      const fingerprint = fingerprints[place]!
      if (fingerprint !== 0 && this.#age(stamps[place]!) < limit) this.#store(fingerprint, stamps[place]!)
    }
  }

  #bucketOf(fingerprint: number): number {
    return (fingerprint & (this.#fingerprints.length / WAYS - 1)) * WAYS
  }

  /** Right across the wrap of the 32-bit stamps. */
  #age(stamp: number): number {
    return (this.#remembered - stamp) >>> 0
  }
}

/** FNV-1a over UTF-16 units, mixed as MurmurHash3 ends, so that the low bits may choose the bucket. 0 marks a free place. */
function fingerprintOf(key: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0 || 1
}
