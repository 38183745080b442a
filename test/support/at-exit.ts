const runs = new Set<() => void>()

process.once('exit', () => {
  for (const run of runs) run()
})

/** Runs it when this process exits, for what it has started; the answer takes that back. */
export function atExit(run: () => void): () => void {
  runs.add(run)
  return () => void runs.delete(run)
}
