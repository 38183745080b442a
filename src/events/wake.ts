/** Wakes the one who waits for something to happen. */
export class Wake {
  #wake: () => void = () => undefined

  wake(): void {
    this.#wake()
  }

  /** Resolves when woken; at once if `isSo` already, or `signal` is aborted; and when it is. */
  until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake)
        this.#wake = () => undefined
        resolve()
      }
      this.#wake = wake
      signal.addEventListener('abort', wake)
      if (isSo() || signal.aborted) wake()
    })
  }
}
