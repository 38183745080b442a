/** Work that goes on behind the readers: one at a time under each name, counted by how it ended. */
export class Behind<Result extends string> {
  readonly results: Record<Result, number>
  readonly #running = new Set<string>()

  constructor(results: readonly Result[]) {
    this.results = Object.fromEntries(results.map((result) => [result, 0])) as Record<Result, number>
  }

  /** Returns at once, and does nothing while something goes on under that name. `failed` says what a rejection counts as. */
  run(name: string, work: () => Promise<Result>, failed: (error: unknown) => Result): void {
    if (this.#running.has(name)) return
    this.#running.add(name)
    work()
      .catch(failed)
      .then((result) => {
        this.results[result] += 1
      })
      .finally(() => this.#running.delete(name))
      .catch(() => undefined)
  }
}
