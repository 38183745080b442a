import { RingsideError } from '../base/errors.ts'
import type { WarmProgress } from '../cache/warm-tally.ts'
import type { WarmAsk, Warming } from '../cache/warming.ts'
import type { WarmProgress__Output } from '../gen/ringside/v1/WarmProgress.ts'
import type { WarmRequest__Output } from '../gen/ringside/v1/WarmRequest.ts'
import { failedOutcome, type Method } from './call.ts'

const SOURCE = { WARM_SOURCE_QUERY: 'query', WARM_SOURCE_HOT: 'hot' } as const

/** `Admin.Warm`: streams how far it is; its last message is where it ended. */
export function warmMethod(warming: Pick<Warming, 'run'>): Method<WarmRequest__Output, WarmProgress__Output> {
  return {
    name: 'Admin.Warm',
    async run(request, call) {
      const gone = new AbortController()
      call.onGone(() => gone.abort())
      const onProgress = (progress: WarmProgress) => call.send?.(messageOf(progress))
      return messageOf(await warming.run(askOf(request), { signal: gone.signal, onProgress }))
    },
    count(meter, { keyspace }, ending: WarmProgress__Output | RingsideError) {
      const outcome = ending instanceof RingsideError ? failedOutcome(ending.reason) : 'done'
      meter.count('Admin.Warm', keyspace, outcome, 'none')
    },
  }
}

function askOf({ keyspace, tenant, keys, keys_per_second, source, after }: WarmRequest__Output): WarmAsk {
  const rest = { keyspace, tenant, after, keysPerSecond: keys_per_second === 0 ? undefined : keys_per_second }
  if (source === 'WARM_SOURCE_UNSPECIFIED') return { ...rest, source: { from: 'keys', keys } }
  const from = SOURCE[source]
  if (from === undefined)
    throw invalid('source', `source is ${source}, which is none; name WARM_SOURCE_QUERY or WARM_SOURCE_HOT`)
  if (keys.length > 0) throw invalid('keys', 'keys and a source exclude each other; name one of them')
  return { ...rest, source: { from } }
}

function messageOf(progress: WarmProgress): WarmProgress__Output {
  const { loaded, present, missing, failed, done, total, keysPerSecond, leftMs, cursor, doneAtCursor, failures } =
    progress
  return {
    total: total ?? 0,
    ...{ loaded, present, missing, failed, done, cursor },
    keys_per_second: keysPerSecond,
    left_ms: Math.round(leftMs ?? 0),
    failures: [...failures],
    done_at_cursor: doneAtCursor,
  }
}

function invalid(field: string, message: string): RingsideError {
  return new RingsideError('ARGUMENT_INVALID', message, { metadata: { field } })
}
