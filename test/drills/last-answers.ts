import { pause, systemClock } from '../../src/base/clock.ts'
import type { GetAnswer } from '../../src/client/get-message.ts'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import type { LastAnswer } from './drill-record.ts'
import { monotonicMs } from './load/monotonic.ts'
import { readValue } from './load/observation.ts'
import { type DrillWorld, KEYSPACE } from './world/drill-world.ts'

const SETTLED_WITHIN_MS = 10_000
const ASK_AGAIN_MS = 100
const BATCH = 500

/** Nothing changes any more: after the bound every sidecar is to answer every changed row as it is. */
export async function lastAnswers(
  { sidecars, shape }: DrillWorld,
  keys: readonly number[],
  revisions: ReadonlyMap<number, number>,
): Promise<LastAnswer[]> {
  await pause(systemClock, shape.boundMs)
  const giveUpAt = monotonicMs() + SETTLED_WITHIN_MS
  for (;;) {
    const last = (await Promise.all(sidecars.map(({ grpc }) => answersOf(grpc, keys)))).flat()
    // What failed or is marked as degraded may come later; what is plainly old is lost.
    const isOpen = last.some(({ key, revision }) => revision < 0 && revisions.has(key))
    if (!isOpen || monotonicMs() > giveUpAt) return last
    await pause(systemClock, ASK_AGAIN_MS)
  }
}

async function answersOf(grpc: string, keys: readonly number[]): Promise<LastAnswer[]> {
  const client = new RingsideClient({ target: grpc })
  const answers: LastAnswer[] = []
  for (let from = 0; from < keys.length; from += BATCH) {
    const those = keys.slice(from, from + BATCH)
    const requests = those.map((key) => ({ keyspace: KEYSPACE, key: String(key) }))
    const results = await client.batchGet(requests).catch(() => [])
    for (const [index, key] of those.entries()) {
      const result = results[index]
      answers.push({ sidecar: grpc, key, revision: result?.ok === true ? revisionOf(result.answer) : -1 })
    }
  }
  await client.close()
  return answers
}

const revisionOf = ({ value, degraded }: GetAnswer): number => (degraded ? -1 : readValue(value).shownRevision)
