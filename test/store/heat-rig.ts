import { expect } from 'vitest'
import type { CopyCount } from '../../src/hotkey/hot-list.ts'
import type { HeatCandidate, HeatDecision, HeatNews, HeatReport, HotKey } from '../../src/store/heat.ts'
import type { Line } from '../../src/store/line.ts'
import { HeatTable } from '../../src/store/memory/heat-table.ts'
import type { RedisServer } from '../support/redis.ts'

/** Takes every moment that the table remembers into the past, since the clock of Redis cannot be moved. */
const AGE = `
local ms = tonumber(ARGV[1])
local function aged(shape, moments, raw, at)
  local values = { struct.unpack(shape, raw, at) }
  for _, moment in ipairs(moments) do
    if values[moment] ~= 0 then values[moment] = values[moment] - ms end
  end
  return struct.pack(shape, unpack(values, 1, #values - 1)), values[#values]
end
local all, keys = unpack(redis.call('HMGET', KEYS[1], '~', '~keys'))
if not all or string.byte(all) ~= 1 then return end
local parts, at = {}, 1
while keys and at <= #keys do parts[#parts + 1], at = aged('>sdddHHdddd', { 7, 8, 9, 10 }, keys, at) end
redis.call('HSET', KEYS[1], '~', (aged('>Bdddddd', { 4 }, all, 1)), '~keys', table.concat(parts))`

/** What is not said is as if this key had all reads of one of four shards. */
export const REPORT = { leastRate: 100, target: 0.25 }

export function candidate(key: string, changes: Partial<HeatCandidate> = {}): HeatCandidate {
  const { shardReads = 0 } = changes
  return { key, reads: shardReads, shardReads, writes: 0, most: 4, ...changes }
}

/** What a sidecar sees of a table. */
export interface Seen {
  readonly isNew: boolean
  readonly copies: readonly CopyCount[]
  readonly decided: readonly HeatDecision[]
}

let tables = 0

/** The same reports to a table in Redis and to one in process; both must say the same. */
export class TwoHeatTables {
  readonly key = `run${tables++}:~heat`
  readonly #server: RedisServer
  readonly #line: Line
  #memory = new HeatTable()
  #agedMs = 0
  #known = { redis: '', memory: '' }
  #copies: readonly CopyCount[] = []

  constructor(server: RedisServer, line: Line) {
    this.#server = server
    this.#line = line
  }

  /** By a sidecar that knows what the last one was told. */
  async tell(candidates: readonly HeatCandidate[], changes: Partial<HeatReport> = {}): Promise<Seen> {
    const shardReads = candidates.reduce((sum, one) => sum + one.shardReads, 0)
    const report = { candidates, shardReads, meanReads: shardReads / 4, ...REPORT, ...changes }
    const known = this.#known
    const { value, serverUs = 0 } = await this.#line.send('heat', {
      key: this.key,
      report: { known: known.redis, ...report },
    })
    const memory = this.#memory.tell({ known: known.memory, ...report }, serverUs + this.#agedMs * 1_000)
    this.#known = { redis: value.version, memory: memory.version }
    expect(memory.copies).toEqual(value.copies)
    expect(memory.decided).toEqual(value.decided.map(nearly))
    this.#copies = value.copies ?? this.#copies
    return seen(value, this.#copies)
  }

  async hottest(limit = 100): Promise<readonly HotKey[]> {
    const { value, serverUs = 0 } = await this.#line.send('hottest', { key: this.key, limit })
    const nowMs = Math.floor(serverUs / 1_000) + this.#agedMs
    expect(this.#memory.hottest(limit, nowMs)).toEqual(value.map(nearly))
    return value
  }

  async elapse(ms: number): Promise<void> {
    await this.#server.client.eval(AGE, 1, this.key, ms)
    this.#agedMs += ms
  }

  /** The sidecar that reports next knows no list. */
  forget(): void {
    this.#known = { redis: '', memory: '' }
  }

  async lose(): Promise<void> {
    await this.#server.client.del(this.key)
    this.#memory = new HeatTable()
  }

  /** As by a release with another format. */
  async rewrite(): Promise<void> {
    await this.#server.client.hset(this.key, '~', Buffer.concat([Buffer.from([9]), Buffer.alloc(20)]))
    this.#memory = new HeatTable()
  }
}

function seen({ copies, decided }: HeatNews, list: readonly CopyCount[]): Seen {
  return { isNew: copies !== undefined, copies: list, decided }
}

/** Exponentials of two machines may differ in their last digit. */
function nearly<Facts extends object>(facts: Facts): Facts {
  const entries = Object.entries(facts).map(([name, fact]) =>
    typeof fact === 'number' ? [name, expect.closeTo(fact, 6)] : [name, fact],
  )
  return Object.fromEntries(entries) as Facts
}
