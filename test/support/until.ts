/** Waits for a condition of something real, such as a process; rejects with `what` when it has not come about in time. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const giveUpAt = performance.now() + withinMs
  for (;;) {
    if (await condition()) return
    if (performance.now() > giveUpAt) throw new Error(`${what} has not come about within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
