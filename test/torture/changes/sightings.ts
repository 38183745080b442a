interface Change {
  readonly value: number
  readonly at: number
  /** Sidecars through which it has not been seen. */
  readonly unseen: Set<number>
}

/** When changes of rows were made, and how long it took until each was seen through every sidecar. Times in milliseconds. */
export class Sightings {
  readonly #changes = new Map<string, Change[]>()
  readonly #sidecars: Set<number>
  #latencies: number[] = []

  constructor(sidecars: number) {
    this.#sidecars = new Set(Array.from({ length: sidecars }, (_, index) => index))
  }

  /** Changes that have not been seen through every sidecar. */
  get unseen(): number {
    let count = 0
    for (const changes of this.#changes.values()) count += changes.length
    return count
  }

  /** Values of a key only grow. */
  changed(key: string, value: number, at: number): void {
    const changes = this.#changes.get(key) ?? []
    changes.push({ value, at, unseen: new Set(this.#sidecars) })
    this.#changes.set(key, changes)
  }

  /** A later value shows that the earlier ones are not answered any more. */
  saw(sidecar: number, key: string, value: number, at: number): void {
    const changes = this.#changes.get(key)
    if (changes === undefined) return
    for (const change of changes) if (change.value <= value) change.unseen.delete(sidecar)
    this.#settle(key, at)
  }

  /** Nobody reads through it any more. */
  gone(sidecar: number, at: number): void {
    this.#sidecars.delete(sidecar)
    for (const [key, changes] of this.#changes) {
      for (const { unseen } of changes) unseen.delete(sidecar)
      this.#settle(key, at)
    }
  }

  /** The latencies since this was last called, in ascending order. */
  takeLatencies(): readonly number[] {
    const taken = this.#latencies.toSorted((a, b) => a - b)
    this.#latencies = []
    return taken
  }

  #settle(key: string, at: number): void {
    const left = (this.#changes.get(key) ?? []).filter((change) => {
      if (change.unseen.size > 0) return true
      this.#latencies.push(at - change.at)
      return false
    })
    if (left.length > 0) this.#changes.set(key, left)
    else this.#changes.delete(key)
  }
}
