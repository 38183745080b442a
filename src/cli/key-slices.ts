import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** So much of a file is sent in one call: far below what a sidecar takes, and little to be looked up anew after a kill. */
const MOST_KEYS = 10_000
const MOST_CHARACTERS = 512 * 1024

/** Keys, one a line, in slices, from a file of any size; `-` is the standard input. Empty lines are no keys. */
export async function* keySlices(path: string): AsyncGenerator<readonly string[]> {
  let [slice, characters] = [[] as string[], 0]
  for await (const key of linesOf(path)) {
    slice.push(key)
    characters += key.length
    if (slice.length < MOST_KEYS && characters < MOST_CHARACTERS) continue
    yield slice
    slice = []
    characters = 0
  }
  if (slice.length > 0) yield slice
}

/** How many keys there are; `undefined` where they can be read only once. */
export async function countKeys(path: string): Promise<number | undefined> {
  if (path === '-') return undefined
  let count = 0
  for await (const _ of linesOf(path)) count += 1
  return count
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const input = path === '-' ? process.stdin : createReadStream(path)
  // An error of the stream would otherwise end the loop like its end.
  const failed = new Promise<never>((_, reject) => input.once('error', reject))
  failed.catch(() => undefined)
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]()
  for (;;) {
    const next = await Promise.race([lines.next(), failed])
    if (next.done === true) return
    if (next.value !== '') yield next.value
  }
}
