import { expect } from 'vitest'
import { ALL_RULES } from '../../src/base/rules.ts'
import type { BudgetAsk, BudgetGrant } from '../../src/store/budget.ts'
import type { Line } from '../../src/store/line.ts'
import { BudgetTable } from '../../src/store/memory/budget-table.ts'
import type { RedisServer } from '../support/redis.ts'

export const LEASE_MS = 3_000
export const SETTLE_MS = 4_000
const AMOUNTS = { limit: 10, fleet: 4, leaseMs: LEASE_MS, settleMs: SETTLE_MS }

/** Takes every moment that the table remembers into the past, since the clock of Redis cannot be moved. */
const AGE = `
local ms = tonumber(ARGV[1])
local fields = redis.call('HGETALL', KEYS[1])
for at = 1, #fields, 2 do
  local own = fields[at] == '~'
  local count, moments = own and 15 or 11, own and { 1, 3 } or { 7, 8, 11 }
  local shape = '>' .. string.rep('d', count)
  local values = { struct.unpack(shape, fields[at + 1]) }
  local rest = string.sub(fields[at + 1], values[count + 1])
  for _, moment in ipairs(moments) do
    if values[moment] ~= 0 then values[moment] = values[moment] - ms end
  end
  redis.call('HSET', KEYS[1], fields[at], struct.pack(shape, unpack(values, 1, count)) .. rest)
end`

let tables = 0

/** The same asks to a table in Redis and to one in process; both must say the same. */
export class TwoTables {
  readonly key = `run${tables++}:~budget:db`
  readonly #server: RedisServer
  readonly #line: Line
  #memory = new BudgetTable(ALL_RULES)
  #run = 'first'
  #agedMs = 0
  readonly #turns = new Map<string, number>()

  constructor(server: RedisServer, line: Line) {
    this.#server = server
    this.#line = line
  }

  /** A turn that is not given is the member's next one. */
  async ask(member: string, said: Partial<BudgetAsk>): Promise<BudgetGrant> {
    const turn = said.turn ?? (this.#turns.get(member) ?? 0) + 1
    this.#turns.set(member, Math.max(turn, this.#turns.get(member) ?? 0))
    const flags = { seated: false, moved: false, leaves: false }
    const whole: BudgetAsk = {
      key: this.key,
      member,
      running: 0,
      share: 0,
      wants: 0,
      ...AMOUNTS,
      ...flags,
      ...said,
      turn,
    }
    const { value, serverUs = 0 } = await this.#line.send('budget', whole)
    const memory = this.#memory.ask(whole, this.#run, Math.floor(serverUs / 1_000) + this.#agedMs)
    expect(memory).toEqual(value)
    return value
  }

  async elapse(ms: number): Promise<void> {
    this.#agedMs += ms
    await this.#server.client.eval(AGE, 1, this.key, ms)
  }

  async flush(): Promise<void> {
    await this.#server.client.del(this.key)
    this.#memory = new BudgetTable(ALL_RULES)
  }

  /** Both servers come back with all that they knew, as others. */
  async restart(): Promise<void> {
    const known = await this.#server.client.hgetBuffer(this.key, '~')
    if (known !== null)
      await this.#server.client.hset(this.key, '~', Buffer.concat([known.subarray(0, 120), Buffer.from('x')]))
    this.#run += "'"
  }
}
