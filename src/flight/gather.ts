/** One member's place in a gathering. Whoever joined must `leave` in the end; leaving twice does no harm. */
export interface Seat {
  /** Resolves, for all who arrived together, once every member has arrived or left. */
  arrive(): Promise<void>
  leave(): void
}

/**
 * Lets calls that set out together go on together: the keys of one batch come back from several shards at several
 * moments, and still leave for the origin as one. Only those who joined before the gathering was sealed are waited for,
 * and each of them moves on its own deadlines, so nobody waits in a circle.
 */
export class Gather {
  #members = 0
  #sealed = false
  #waiting: (() => void)[] = []

  /** `undefined` once sealed: a latecomer goes its own way. */
  join(): Seat | undefined {
    if (this.#sealed) return undefined
    this.#members += 1
    let gone = false
    const leave = () => {
      if (gone) return
      gone = true
      this.#members -= 1
      this.#goOn()
    }
    const arrive = () => {
      // Whoever has left is waited for by nobody, and waits for nobody.
      if (gone) return Promise.resolve()
      return new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        leave()
      })
    }
    return { arrive, leave }
  }

  seal(): void {
    this.#sealed = true
    this.#goOn()
  }

  #goOn(): void {
    if (!this.#sealed || this.#members > 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
