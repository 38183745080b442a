export interface Links<T> {
  /** The neighbour that joined later. */
  previous: T | undefined
  /** The neighbour that joined earlier. */
  next: T | undefined
}

/** A first-in-first-out line whose members carry its links, so that joining and leaving anywhere allocate nothing. */
export class LinkedQueue<T extends Links<T>> {
  #newest: T | undefined
  #oldest: T | undefined

  get newest(): T | undefined {
    return this.#newest
  }

  get oldest(): T | undefined {
    return this.#oldest
  }

  add(member: T): void {
    member.next = this.#newest
    if (this.#newest === undefined) this.#oldest = member
    else this.#newest.previous = member
    this.#newest = member
  }

  remove(member: T): void {
    const { previous, next } = member
    if (previous === undefined) this.#newest = next
    else previous.next = next
    if (next === undefined) this.#oldest = previous
    else next.previous = previous
    // A dead member that still points into the line would keep its young neighbours from being collected early.
    member.previous = undefined
    member.next = undefined
  }

  clear(): void {
    this.#newest = undefined
    this.#oldest = undefined
  }
}
