import { readFile } from 'node:fs/promises'
import { type Clock, pause } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import { tagsFlaw } from '../keyspace/tag-check.ts'
import type { LoadContext, LoadedValues, LoadScope, OriginAdapter } from './origin.ts'
import { originUnavailable } from './origin-error.ts'
import { type TaggedValue, withTags } from './tagged-value.ts'

export interface FileOriginOptions {
  readonly name: string
  /** JSON Lines, one `{ "key": "…", "value": any, "tags"?: ["…"] }` a line, read whole at start. */
  readonly path: string
  /** How long a load pretends to take. */
  readonly latencyMs: number
}

/** An origin for demonstrations. A value is served as its JSON text; tenants all see the same. */
export class FileOrigin implements OriginAdapter {
  readonly type = 'file'
  readonly #options: FileOriginOptions
  readonly #clock: Clock
  #values: LoadedValues | undefined

  constructor(options: FileOriginOptions, parts: { readonly clock: Clock }) {
    this.#options = options
    this.#clock = parts.clock
  }

  /** Rejects with `CONFIG_INVALID` when the file cannot be read or a line of it is wrong. */
  async start(): Promise<void> {
    const { name, path } = this.#options
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new RingsideError('CONFIG_INVALID', `origin ${name} cannot read ${path} (${error.code})`, { cause: error })
    })
    const values = new Map<string, Buffer | TaggedValue | RingsideError>()
    for (const [index, line] of text.split('\n').entries()) {
      if (line.trim() === '') continue
      const wrong = (what: string) =>
        new RingsideError('CONFIG_INVALID', `${path}:${index + 1} ${what}; write { "key": "…", "value": … }`)
      const { key, value, tags } = parseLine(line, wrong)
      if (values.has(key)) throw wrong(`repeats the key "${key}"`)
      values.set(key, withTags(name, Buffer.from(JSON.stringify(value)), tags))
    }
    this.#values = values
  }

  async close(): Promise<void> {
    this.#values = undefined
  }

  async load(_scope: LoadScope, keys: readonly string[], context: LoadContext): Promise<LoadedValues> {
    await pause(this.#clock, this.#options.latencyMs, context.signal)
    if (context.signal.aborted) throw originUnavailable(this.#options.name, 'was no longer waited for')
    const values = this.#values
    if (values === undefined) throw originUnavailable(this.#options.name, 'is closed')
    const found = new Map<string, Buffer | TaggedValue | RingsideError>()
    for (const key of keys) {
      const value = values.get(key)
      if (value !== undefined) found.set(key, value)
    }
    return found
  }
}

function parseLine(
  line: string,
  wrong: (what: string) => RingsideError,
): { key: string; value: unknown; tags: readonly string[] } {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    throw wrong('is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw wrong('is not an object')
  const { key, value, tags = [] } = parsed as { key?: unknown; value?: unknown; tags?: unknown }
  if (typeof key !== 'string' || key === '') throw wrong('has no "key" that is a string')
  if (value === undefined) throw wrong('has no "value"')
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string')) throw wrong('has "tags" that are no strings')
  const flaw = tagsFlaw(tags)
  if (flaw !== undefined) throw wrong(flaw)
  return { key, value, tags }
}
