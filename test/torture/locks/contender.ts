import pg from 'pg'
import { pause, systemClock } from '../../../src/base/clock.ts'
import type { AcquiredLock } from '../../../src/client/lock-calls.ts'
import { RingsideCallError, RingsideClient } from '../../../src/client/ringside-client.ts'

/**
 * One process that wants a lock again and again, and writes to what it protects while it believes that it has it: it looks
 * at no clock before it writes, as programs do. What it saw is told line by line on its output. It ends with its input.
 *
 * Arguments: its name, the sidecar, the database, the lock's ttl in ms, a number from which its chance begins.
 */
const [name = '', target = '', database = '', ttl = '', seed = ''] = process.argv.slice(2)
const ttlMs = Number(ttl)

const WAIT_MS = 20_000
const MOST_WRITES = 5
const BETWEEN_WRITES_MS = 8
const RENEWS = 0.4
/** Some go without giving the lock back. */
const FORGETS = 0.02
const AFTER_ERROR_MS = 50

export interface ContenderLine {
  readonly event:
    | 'ready'
    | 'granted'
    | 'busy'
    | 'accepted'
    | 'refused'
    | 'robbed'
    | 'released'
    | 'fallen'
    | 'lost'
    | 'error'
  readonly what?: string
}

const client = new RingsideClient({ target })
const db = new pg.Client({ connectionString: database })
let state = Number(seed) >>> 0
let turn = 0
let isOver = false

function tell(line: ContenderLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Linear congruential (Numerical Recipes): as good as is needed here. */
function uniform(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}

/** Holds the lock for a few writes. */
async function hold(lock: AcquiredLock): Promise<void> {
  const holder = `${name}/${turn}`
  // How old the grant is when it arrives is not known; a renewal is no older than its request.
  let certainUntil = Number.NEGATIVE_INFINITY
  const writes = 1 + Math.floor(uniform() * MOST_WRITES)
  const end = (event: 'refused' | 'lost' | 'fallen') => {
    const isCertain = systemClock.now() < certainUntil
    tell(isCertain ? { event: 'robbed', what: `${holder} with ${lock.fencingToken}: ${event}` } : { event })
  }
  for (let write = 0; write < writes; write += 1) {
    if (uniform() < RENEWS) {
      const askedAt = systemClock.now()
      const renewed = await client.locks.renew(lock, ttlMs).catch(unlessLost)
      if (renewed === 'lost') end('lost')
      else if (renewed !== 'failed') certainUntil = askedAt + ttlMs
    }
    const { rows } = await db.query('select fenced_write($1, $2) as ok', [lock.fencingToken, holder])
    if (rows[0].ok) tell({ event: 'accepted' })
    else end('refused')
    await pause(systemClock, uniform() * BETWEEN_WRITES_MS)
  }
  if (uniform() < FORGETS) return
  const released = await client.locks.release(lock).catch(unlessLost)
  if (released === true) tell({ event: 'released' })
  else if (released === false) end('fallen')
}

function unlessLost(error: unknown): 'lost' | 'failed' {
  if (!(error instanceof RingsideCallError)) throw error
  if (error.reason === 'LOCK_LOST') return 'lost'
  tell({ event: 'error', what: error.reason })
  return 'failed'
}

async function contend(): Promise<void> {
  await db.connect()
  tell({ event: 'ready' })
  while (!isOver) {
    turn += 1
    const requestId = `${name}/${turn}`
    const acquired = await client.locks.acquire('resource', { ttlMs, waitMs: WAIT_MS, requestId }).catch(unlessLost)
    if (acquired === undefined || typeof acquired === 'string') {
      tell({ event: 'busy' })
      await pause(systemClock, AFTER_ERROR_MS)
    } else {
      tell({ event: 'granted', what: String(acquired.fencingToken) })
      await hold(acquired)
    }
  }
  await db.end()
  await client.close()
}

process.stdin.resume()
process.stdin.once('end', () => {
  isOver = true
})
await contend()
