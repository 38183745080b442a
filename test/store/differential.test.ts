import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { Entry } from '../../src/base/entry.ts'
import type { CopyLease } from '../../src/store/copy-lease.ts'
import type { Content, Shard } from '../../src/store/shard.ts'
import { memoryShard } from '../support/memory-shard.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { redisShard } from '../support/redis-shard.ts'

const KEYS = 3
const TOKENS = 3

type Operation =
  | { readonly name: 'read' }
  | { readonly name: 'flush' }
  | { readonly name: 'acquire'; readonly token: number; readonly leaseTtlMs: number }
  | { readonly name: 'fill'; readonly token: number; readonly content: Content }
  | { readonly name: 'put'; readonly content: Content; readonly ifVersion: 'none' | 'absent' | 'last' | 'wrong' }
  | { readonly name: 'invalidate'; readonly staleKeepMs: number }
  | { readonly name: 'release'; readonly token: number }
  | TagOperation
  | WriteOperation
  | CopyOperation

type TagOperation =
  | { readonly name: 'keepTag'; readonly isOfNow: boolean }
  | { readonly name: 'stampTag'; readonly holdMs: number }
  | { readonly name: 'loseTag' }
  | { readonly name: 'readTag' }

type WriteOperation =
  | { readonly name: 'intend'; readonly intent: number; readonly intentTtlMs: number }
  | {
      readonly name: 'settle'
      readonly intent: number
      readonly content: Content | undefined
      readonly staleKeepMs: number
    }

type CopyOperation =
  | { readonly name: 'readCopy' }
  | { readonly name: 'leaseCopy'; readonly leaseTtlMs: number }
  | { readonly name: 'fillCopy'; readonly content: Content; readonly lifeMs: number }
  | { readonly name: 'dropCopy' }

// Either far away or over before the next command can arrive: nothing hangs on how fast this machine is.
const LONG_MS = 600_000
const OVER_MS = 0.001

const ttl = fc.constantFrom(LONG_MS, OVER_MS)
const contents: fc.Arbitrary<Content> = fc.record({
  kind: fc.constantFrom('value' as const, 'negative' as const),
  value: fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.nat({ max: 9 }).map((digit) => Buffer.from(String(digit).repeat(200))),
  ),
  ttlMs: fc.constant(LONG_MS),
  softTtlMs: fc.constantFrom(undefined, LONG_MS / 2),
  staleKeepMs: fc.constantFrom(0, LONG_MS),
  loadedAgoMs: fc.constantFrom(0, 5_000),
  loadCostMs: fc.nat({ max: 10_000 }),
  tags: fc.constantFrom(undefined, [{ tag: 't', epoch: 3, sinceUs: 4 }]),
  compress: fc.constantFrom(undefined, { algorithm: 'deflate' as const, aboveBytes: 30 }),
})
const tokens = fc.nat({ max: TOKENS - 1 })
const operations: fc.Arbitrary<readonly [number, Operation]> = fc.tuple(
  fc.nat({ max: KEYS - 1 }),
  fc.oneof<fc.Arbitrary<Operation>[]>(
    fc.record({ name: fc.constant('read' as const) }),
    fc.record({ name: fc.constant('flush' as const) }),
    fc.record({ name: fc.constant('acquire' as const), token: tokens, leaseTtlMs: ttl }),
    fc.record({ name: fc.constant('fill' as const), token: tokens, content: contents }),
    fc.record({
      name: fc.constant('put' as const),
      content: contents,
      ifVersion: fc.constantFrom('none' as const, 'absent' as const, 'last' as const, 'wrong' as const),
    }),
    fc.record({ name: fc.constant('invalidate' as const), staleKeepMs: fc.constantFrom(0, LONG_MS) }),
    fc.record({ name: fc.constant('release' as const), token: tokens }),
    fc.record({ name: fc.constant('keepTag' as const), isOfNow: fc.constantFrom(true, true, false) }),
    fc.record({ name: fc.constant('stampTag' as const), holdMs: fc.constantFrom(0, 0, LONG_MS) }),
    fc.record({ name: fc.constant('loseTag' as const) }),
    fc.record({ name: fc.constant('readTag' as const) }),
    fc.record({ name: fc.constant('intend' as const), intent: tokens, intentTtlMs: ttl }),
    fc.record({
      name: fc.constant('settle' as const),
      intent: tokens,
      content: fc.option(contents, { nil: undefined }),
      staleKeepMs: fc.constantFrom(0, LONG_MS),
    }),
    fc.record({ name: fc.constant('readCopy' as const) }),
    fc.record({ name: fc.constant('leaseCopy' as const), leaseTtlMs: ttl }),
    fc.record({ name: fc.constant('fillCopy' as const), content: contents, lifeMs: ttl }),
    fc.record({ name: fc.constant('dropCopy' as const) }),
  ),
)

/** Applies operations to one shard and tells each answer in words that do not depend on that shard's clock. */
class Teller {
  readonly #shard: Shard
  readonly #space: string
  /** Every version that a key was given, in order: an answer names its place in that row, not the number. */
  readonly #versions = new Map<string, number[]>()
  /** Every stamp that a tag was given, in order. */
  readonly #stamps: number[] = []
  #lease: CopyLease | undefined

  constructor(shard: Shard, space: string) {
    this.#shard = shard
    this.#space = space
  }

  async apply([index, operation]: readonly [number, Operation]): Promise<unknown> {
    const key = `test:${this.#space}:v1::${index}`
    const token = 'token' in operation ? Buffer.alloc(16, operation.token + 1) : Buffer.alloc(16)
    switch (operation.name) {
      case 'read': {
        const read = await this.#shard.read(key)
        return read.found ? this.#entry(key, read.entry) : 'nothing'
      }
      case 'flush':
        return (await this.#shard.ask(key, 'flush', () => ({ key }))).value
      case 'acquire':
        return this.#acquire(key, token, operation.leaseTtlMs)
      case 'fill':
        return this.#fill(key, token, operation.content)
      case 'put': {
        const row = this.#row(key)
        const ifVersion = { none: undefined, absent: 0, last: row.at(-1) ?? 0, wrong: 1 }[operation.ifVersion]
        const put = await this.#shard.put(key, operation.content, ifVersion === undefined ? {} : { ifVersion })
        if (put.outcome === 'stored') return ['stored', this.#made(key, put.version)]
        return [put.outcome, this.#place(key, put.version)]
      }
      case 'invalidate':
        return this.#made(key, await this.#shard.invalidate(key, operation))
      case 'release':
        return await this.#shard.release(key, token)
      case 'keepTag':
      case 'stampTag':
      case 'loseTag':
      case 'readTag':
        return this.#applyToTag(`test:${this.#space}:v1:~t::${index}`, operation)
      case 'intend':
      case 'settle':
        return this.#write(key, operation)
      default:
        return this.#applyToCopy(key, operation)
    }
  }

  async #applyToTag(tag: string, operation: TagOperation): Promise<unknown> {
    switch (operation.name) {
      case 'keepTag': {
        const own = (epoch: number) => ({ key: tag, least: 0, ttlMs: LONG_MS, epoch: operation.isOfNow ? epoch : 1 })
        const { value, serverUs } = await this.#shard.ask(tag, 'keepTag', ({ epoch }) => own(epoch))
        // By a hold, and not by the µs that two stamps in a row are apart.
        const isAhead = value.stampUs > (serverUs ?? 0) + 1e6
        return [value.outcome, isAhead || this.#stamps.indexOf(value.stampUs)]
      }
      case 'stampTag': {
        const version = await this.#shard.invalidate(tag, { staleKeepMs: 0, holdMs: operation.holdMs })
        this.#stamps.push(version)
        return 'stamped'
      }
      case 'loseTag':
        return this.#shard.dropCopy(tag)
      case 'readTag': {
        const read = await this.#shard.read(tag)
        return read.found ? this.#stamps.indexOf(read.entry.version) : 'nothing'
      }
    }
  }

  async #acquire(key: string, token: Buffer, leaseTtlMs: number): Promise<unknown> {
    const acquired = await this.#shard.acquire(key, { token, leaseTtlMs })
    if (acquired.outcome === 'value') return this.#entry(key, acquired.entry)
    const { outcome, stale, holdMs } = acquired
    const kept = stale && [stale.kind, stale.value.toString('hex'), this.#place(key, stale.version), stale.tags]
    return [outcome, holdMs > 0 && 'held', kept]
  }

  async #fill(key: string, token: Buffer, content: Content): Promise<unknown> {
    const filled = await this.#shard.fill(key, token, content)
    if (filled.outcome === 'held') return ['held', this.#place(key, filled.version)]
    return filled.outcome === 'lost' ? 'lost' : ['filled', this.#made(key, filled.version)]
  }

  async #write(key: string, operation: WriteOperation): Promise<unknown> {
    const token = Buffer.alloc(16, 100 + operation.intent)
    if (operation.name === 'intend') return this.#shard.intend(key, { token, ttlMs: operation.intentTtlMs })
    const { outcome, version } = await this.#shard.settle(key, { ...operation, token })
    return [outcome, this.#made(key, version)]
  }

  async #applyToCopy(key: string, operation: CopyOperation): Promise<unknown> {
    switch (operation.name) {
      case 'readCopy': {
        const found = await this.#shard.readCopy(key, { notBefore: Number.NEGATIVE_INFINITY })
        return found === undefined ? 'nothing' : this.#entry(key, found.entry)
      }
      case 'leaseCopy': {
        const lease = await this.#shard.leaseCopy(key, operation.leaseTtlMs)
        this.#lease = lease ?? this.#lease
        return lease !== undefined
      }
      case 'fillCopy': {
        if (this.#lease === undefined) return 'no lease'
        const { kind, value, ttlMs, loadedAgoMs: ageMs, softTtlMs, compress } = operation.content
        const entry = { kind, value, version: 0, ageMs, softTtlMs, ttlMs, tags: operation.content.tags }
        const copy = { entry, asOf: systemClock.now(), lifeMs: operation.lifeMs, compress }
        return this.#shard.fillCopy(key, this.#lease, copy)
      }
      case 'dropCopy':
        return this.#shard.dropCopy(key)
    }
  }

  #entry(key: string, entry: Pick<Entry, 'kind' | 'value' | 'version' | 'ageMs' | 'softTtlMs' | 'tags'>) {
    const old = entry.ageMs >= 5_000
    return [
      entry.kind,
      entry.value.toString('hex'),
      this.#place(key, entry.version),
      old,
      entry.softTtlMs !== undefined,
      entry.tags,
    ]
  }

  #made(key: string, version: number): string {
    const row = this.#row(key)
    const grew = version > (row.at(-1) ?? 0)
    row.push(version)
    return grew ? `version ${row.length}` : 'a version that did not grow'
  }

  #place(key: string, version: number): number {
    return version === 0 ? 0 : this.#row(key).indexOf(version) + 1
  }

  #row(key: string): number[] {
    const row = this.#versions.get(key) ?? []
    this.#versions.set(key, row)
    return row
  }
}

/** Whether it makes something that is over once the next millisecond has begun. */
const isShort = (operation: Operation) =>
  ('leaseTtlMs' in operation && operation.leaseTtlMs === OVER_MS) ||
  ('intentTtlMs' in operation && operation.intentTtlMs === OVER_MS)

describe('redis-shard and memory-shard', () => {
  let server: RedisServer
  let redis: Shard

  beforeAll(async () => {
    server = await startRedis()
    redis = redisShard(server.url)
    await redis.start()
  })
  afterAll(async () => {
    await redis.close()
    await server.stop()
  })

  it('give the same answers to the same operations', async () => {
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(operations, { minLength: 1, maxLength: 40 }), async (steps) => {
        const space = `run${runs++}`
        const real = new Teller(redis, space)
        const inProcess = memoryShard(systemClock)
        await inProcess.start()
        const memory = new Teller(inProcess, space)
        for (const [index, step] of steps.entries()) {
          const [a, b] = [await real.apply(step), await memory.apply(step)]
          if (isShort(step[1])) await nextMillisecond(server)
          expect({ index, step, answer: b }).toEqual({ index, step, answer: a })
        }
        await inProcess.close()
      }),
      { numRuns: 300 },
    )
  })
})

async function nextMillisecond(server: RedisServer): Promise<void> {
  const [begunAt, first] = [performance.now(), await server.client.time()]
  const ms = (time: readonly (string | number)[]) => Number(time[0]) * 1_000 + Number(time[1]) / 1_000
  while (performance.now() - begunAt < 2.5 || ms(await server.client.time()) - ms(first) < 2.5) await Promise.resolve()
}
