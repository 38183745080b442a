import { type ServiceError, status } from '@grpc/grpc-js'
import { type Clock, pause } from '../base/clock.ts'
import type { WarmProgress__Output } from '../gen/ringside/v1/WarmProgress.ts'
import type { WarmRequest } from '../gen/ringside/v1/WarmRequest.ts'
import { countKeys, keySlices } from './key-slices.ts'
import { type AddressFlags, type SidecarAddress, sidecarAddress } from './sidecar-address.ts'
import { warmCall } from './warm-call.ts'
import { WarmSum } from './warm-sum.ts'

export interface WarmFlags extends AddressFlags {
  readonly tenant: string
  readonly file?: string | undefined
  readonly query: boolean
  readonly hot: boolean
  readonly json: boolean
  /** Keys per second. */
  readonly rate?: string | undefined
}

/** Where it is told how far a warming is. */
export interface WarmReport {
  progress(sum: WarmSum): void
  /** It has broken off and is tried again. */
  interrupted(why: string): void
  done(sum: WarmSum): void
}

export interface WarmParts {
  readonly report: WarmReport
  readonly clock: Clock
}

/** A sidecar that was killed or is draining comes back, or the lock that it held falls. */
const PASSING = new Set<number>([
  status.UNAVAILABLE,
  status.CANCELLED,
  status.RESOURCE_EXHAUSTED,
  status.INTERNAL,
  status.UNKNOWN,
])
const AGAIN_MS = 1_000
/** For so long it is tried without a single key being settled. */
const PATIENCE_MS = 5 * 60_000
const RATE = /^\d{1,8}$/

/**
 * Has a running sidecar warm a keyspace, and goes on by itself where the sidecar is killed and comes back. Resolves to how
 * many keys could not be loaded. Rejects with what the sidecar said, and with a `TypeError` for words that make no command.
 */
export async function warm(words: readonly string[], flags: WarmFlags, parts: WarmParts): Promise<number> {
  const [, keyspace, ...keys] = words
  const ways = [keys.length > 0, flags.file !== undefined, flags.query, flags.hot].filter(Boolean).length
  if (keyspace === undefined || ways !== 1) {
    throw new TypeError('warm takes a keyspace, and either keys, --file, --query or --hot')
  }
  if (flags.rate !== undefined && !RATE.test(flags.rate)) throw new TypeError('--rate is a number of keys per second')
  const scope = { keyspace, tenant: flags.tenant, keys_per_second: Number(flags.rate ?? 0) }
  const run = new WarmRun(sidecarAddress(flags, process.env), parts)
  if (flags.query) await run.make({ ...scope, source: 'WARM_SOURCE_QUERY' })
  else if (flags.hot) await run.make({ ...scope, source: 'WARM_SOURCE_HOT' })
  else if (flags.file === undefined) await run.make({ ...scope, keys })
  else {
    run.sum.total = await countKeys(flags.file)
    for await (const slice of keySlices(flags.file)) await run.make({ ...scope, keys: [...slice] })
  }
  run.sum.total = run.sum.done
  parts.report.done(run.sum)
  return run.sum.failed
}

class WarmRun {
  readonly sum = new WarmSum()
  readonly #at: SidecarAddress
  readonly #parts: WarmParts
  #hasBegun = false

  constructor(at: SidecarAddress, parts: WarmParts) {
    this.#at = at
    this.#parts = parts
  }

  /** All of one request, with as many calls as that takes. */
  async make(request: WarmRequest): Promise<void> {
    const { clock, report } = this.#parts
    let giveUpAt = clock.now() + PATIENCE_MS
    let told: WarmProgress__Output | undefined
    const onProgress = (progress: WarmProgress__Output) => {
      this.#hasBegun = true
      giveUpAt = clock.now() + PATIENCE_MS
      told = progress
      report.progress(this.sum.during(progress))
    }
    for (let after = ''; ; ) {
      told = undefined
      try {
        this.sum.add(await warmCall(this.#at, { ...request, after }, onProgress))
        return
      } catch (error) {
        if (!this.#isPassing(error) || clock.now() >= giveUpAt) throw error
        // What is done behind that cursor is found present by the next call, and counted there.
        after = (told as WarmProgress__Output | undefined)?.cursor ?? after
        this.sum.interrupt(told)
        report.interrupted((error as ServiceError).details)
        await pause(clock, AGAIN_MS)
      }
    }
  }

  /** Once it has begun, what is under way elsewhere may be the end of itself. */
  #isPassing(error: unknown): boolean {
    const { code } = error as Partial<ServiceError>
    if (code === undefined) return false
    return PASSING.has(code) || (this.#hasBegun && code === status.FAILED_PRECONDITION)
  }
}
