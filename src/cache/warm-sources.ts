import { type Clock, pause } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Origin } from '../origin/origin.ts'
import type { HotKeys } from './hot-keys.ts'
import type { WarmKey } from './warm-keys.ts'

/** Some keys to warm, and where to go on when they are done. */
export interface WarmPage {
  readonly keys: readonly WarmKey[]
  readonly cursor: string
}

export interface WarmPages {
  /** How many keys there are in all; `undefined` = not known. */
  readonly total: number | undefined
  /** Ends early when `signal` is aborted. */
  read(signal: AbortSignal): AsyncIterable<WarmPage>
}

const PAGE = 1_000
const MOST_HOT_KEYS = 10_000
const LISTED_AGAIN_MS = 100
/** So often a page is asked for again where it fails for another reason than that the origin has nothing to spare. */
const MOST_FAILURES = 5

/** The keys of a list, from the one on that `after` counts. Throws `ARGUMENT_INVALID`. */
export function listedKeys(tenant: string, keys: readonly string[], after: string): WarmPages {
  const first = after === '' ? 0 : Number(after)
  if (!Number.isSafeInteger(first) || first < 0) throw notACursor(after)
  return {
    total: Math.max(0, keys.length - first),
    async *read() {
      for (let from = first; from < keys.length; from += PAGE) {
        const some = keys.slice(from, from + PAGE)
        yield { keys: some.map((key) => ({ tenant, key })), cursor: String(from + some.length) }
      }
    },
  }
}

/** The keys of a keyspace that the fleet reads most, of one tenant, or of all where it is empty. */
export async function hotKeys(hot: Pick<HotKeys, 'hottest'>, keyspace: string, tenant: string): Promise<WarmPages> {
  const known = await hot.hottest({ keyspace, limit: MOST_HOT_KEYS })
  const keys = known.map(({ name }) => name).filter((name) => tenant === '' || name.tenant === tenant)
  return {
    total: keys.length,
    async *read() {
      yield { keys, cursor: '' }
    },
  }
}

export interface QueriedKeys {
  readonly keyspace: string
  readonly tenant: string
  readonly after: string
}

/** All keys that an origin lists, as far as it has places to spare. */
export function queriedKeys(
  { keyspace, tenant, after }: QueriedKeys,
  list: NonNullable<Origin['list']>,
  clock: Clock,
): WarmPages {
  const page = async (last: string | undefined, signal: AbortSignal): Promise<readonly string[]> => {
    for (let failures = 0; ; ) {
      try {
        return await list({ keyspace, tenant }, { after: last, most: PAGE })
      } catch (error) {
        if (RingsideError.from(error).reason !== 'ORIGIN_LIMIT') failures += 1
        if (failures === MOST_FAILURES || signal.aborted) throw error
        await pause(clock, LISTED_AGAIN_MS * (failures + 1), signal)
      }
    }
  }
  return {
    total: undefined,
    async *read(signal) {
      let last = after === '' ? undefined : after
      while (!signal.aborted) {
        const keys = await page(last, signal)
        const end = keys.at(-1)
        if (end === undefined) return
        if (end === last) throw standsStill(keyspace, end)
        last = end
        yield { keys: keys.map((key) => ({ tenant, key })), cursor: end }
      }
    },
  }
}

function notACursor(after: string): RingsideError {
  const message = `after is ${JSON.stringify(after)}; pass the cursor of a message of an earlier call, or nothing`
  return new RingsideError('ARGUMENT_INVALID', message, { metadata: { field: 'after' } })
}

function standsStill(keyspace: string, key: string): RingsideError {
  const why = `yields nothing after ${JSON.stringify(key)} but that key again; it must yield the keys that follow $1`
  return new RingsideError('ORIGIN_UNAVAILABLE', `the \`warm\` statement of the origin of ${keyspace} ${why}`)
}
