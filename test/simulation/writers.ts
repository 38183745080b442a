import { RingsideError } from '../../src/base/errors.ts'
import type { Answer } from '../../src/cache/cache.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
import type { ChangeInProgress, History, Seen } from './history.ts'
import type { SimulatedKeyspace } from './keyspaces.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedSidecar } from './simulated-sidecar.ts'
import type { WrittenRows } from './written-rows.ts'

export interface WritersParts {
  readonly world: Scheduler
  readonly chance: SeededChance
  readonly rows: WrittenRows
  readonly history: History
  /** What has been committed, by its mark. */
  readonly changes: ReadonlyMap<number, ChangeInProgress>
  readonly keyspaces: readonly SimulatedKeyspace[]
  readonly sidecars: () => readonly SimulatedSidecar[]
}

export interface WriteCounts {
  reads: number
  writes: number
  acknowledged: number
  unknown: number
  commits: number
}

const KEYS = 2
const READ_EVERY_MS = 15
const WRITE_EVERY_MS = 100
/** How many writes another one of the same key follows, through another sidecar, and how soon. */
const RACES = 0.6
const RACE_WITHIN_MS = 80
/** Changes that go by the sidecars, and are told of. */
const DIRECT = 0.25
const TRIES = 50
const ANSWERED_MS = 250

/** After so long an invalidation that failed is tried again. */
const REPEATED_MS = 200

/** Apps that read and write the same few keys through whichever sidecar, and compare in the end. */
export class Writers {
  readonly counts: WriteCounts = { reads: 0, writes: 0, acknowledged: 0, unknown: 0, commits: 0 }
  violation: string | undefined
  readonly #parts: WritersParts
  #marks = 0
  #isCalm = false

  constructor(parts: WritersParts) {
    this.#parts = parts
  }

  start(): void {
    this.#repeat(READ_EVERY_MS, () => void this.#read(this.#sidecar(), this.#keyspace(), this.#key()))
    this.#repeat(WRITE_EVERY_MS, () => this.#change())
  }

  /** In calm nobody writes. */
  set calm(isCalm: boolean) {
    this.#isCalm = isCalm
  }

  /** Has every sidecar answer for every key: what they say is to be what the database has. */
  async compare(run: (until: number) => Promise<void>): Promise<void> {
    const { keyspaces, sidecars, changes } = this.#parts
    for (const { policy } of keyspaces)
      for (let key = 0; key < KEYS; key += 1)
        for (const sidecar of sidecars()) await this.#compare(sidecar, { keyspace: policy.name, key: `k${key}` }, run)
    this.counts.commits = changes.size
  }

  async #compare(
    sidecar: SimulatedSidecar,
    { keyspace, key }: { readonly keyspace: string; readonly key: string },
    run: (until: number) => Promise<void>,
  ): Promise<void> {
    const { world, rows, history } = this.#parts
    const due = rows.markNow(keyspace, key)
    let told: Seen | RingsideError | undefined
    const ask = () => void this.#read(sidecar, keyspace, key).then((answer) => (told = answer))
    for (let tries = 0; tries < TRIES && !isSeen(told); tries += 1) {
      if (tries === 0 || told !== undefined) ask()
      told = undefined
      await run(world.now + ANSWERED_MS)
    }
    if (isSeen(told) && told.kind === 'value' && told.mark === due) return
    const before = history.lookBack({ keyspace, key }, world.now)
    const answered = JSON.stringify(told)
    this.#violated(
      [
        `${keyspace}/${key} at ${sidecar.name}: ${answered}, but the database has ${due}`,
        'What went before:',
        ...before,
      ].join('\n'),
    )
  }

  async #read({ name, clock, cache }: SimulatedSidecar, keyspace: string, key: string): Promise<Seen | RingsideError> {
    const { world, history, rows, keyspaces } = this.#parts
    const policy = keyspaces.find((one) => one.policy.name === keyspace)?.policy
    const startedAt = world.now
    const by = `get@${name}`
    const answer = await delivered(clock, async () => cache.get({ keyspace, key, tenant: '' }))
    if (answer instanceof RingsideError) {
      history.unanswered({ keyspace, key, by, startedAt, endedAt: world.now }, answer.reason)
      return answer
    }
    this.counts.reads += 1
    const mark = markIn(answer, keyspace, key)
    const state = mark === undefined ? undefined : rows.stateOf(keyspace, key, mark)
    const seen: Seen =
      state === undefined ? { kind: 'foreign', text: answer.value.toString() } : { kind: 'value', mark: state }
    const { version, degraded, source } = answer
    const asOf = clock.toWorld(answer.asOf)
    const times = { startedAt, endedAt: world.now, boundMs: policy?.boundMs ?? 0, asOf }
    const violation = history.read({ keyspace, key, by, ...times, seen, version, degraded, source })
    if (violation !== undefined) this.#violated(violation.report)
    return seen.kind === 'value' ? { kind: 'value', mark: mark as number } : seen
  }

  #change(): void {
    if (this.#isCalm) return
    const { world, chance } = this.#parts
    const [keyspace, key] = [this.#keyspace(), this.#key()]
    this.#changeOnce(keyspace, key)
    if (chance.happens(RACES)) world.plan(chance.between(0, RACE_WITHIN_MS), () => this.#changeOnce(keyspace, key))
  }

  #changeOnce(keyspace: string, key: string): void {
    if (this.#parts.chance.happens(DIRECT)) this.#changeDirectly(keyspace, key)
    else this.#write(keyspace, key)
  }

  #changeDirectly(keyspace: string, key: string): void {
    this.#marks += 1
    const mark = this.#marks
    this.#parts.rows.commit(keyspace, key, mark)
    this.#invalidate(keyspace, key, mark)
  }

  /** As an app has to: until it is acknowledged. */
  #invalidate(keyspace: string, key: string, mark: number): void {
    const { changes, world } = this.#parts
    const { clock, cache } = this.#sidecar()
    void delivered(clock, () => cache.invalidate([{ keyspace, key, tenant: '' }])).then((result) => {
      if (result instanceof RingsideError) {
        world.plan(REPEATED_MS, () => this.#invalidate(keyspace, key, mark))
        return
      }
      const violation = changes.get(mark)?.acknowledged(world.now)
      if (violation !== undefined) this.#violated(violation.report)
    })
  }

  #write(keyspace: string, key: string): void {
    const { clock, cache, name } = this.#sidecar()
    this.#marks += 1
    const mark = this.#marks
    this.counts.writes += 1
    this.#parts.history.note(this.#parts.world.now, `write ${mark} of ${keyspace}/${key} begins at ${name}`)
    const value = Buffer.from(`${keyspace}/${key}#${mark}`)
    void delivered(clock, () => cache.write({ keyspace, key, tenant: '', value })).then((result) =>
      this.#ended(mark, result),
    )
  }

  #ended(mark: number, result: object | RingsideError): void {
    const { changes, world, history } = this.#parts
    const change = changes.get(mark)
    if (!(result instanceof RingsideError)) {
      this.counts.acknowledged += 1
      const violation = change?.acknowledged(world.now)
      if (change === undefined) this.#violated(`write ${mark} was acknowledged, and the database has never had it`)
      else if (violation !== undefined) this.#violated(violation.report)
      return
    }
    const { outcome } = result.metadata
    history.note(world.now, `write ${mark} failed: ${result.reason}, ${outcome}`)
    if (outcome === 'unknown') this.counts.unknown += 1
    if (outcome === 'unchanged' && change !== undefined)
      this.#violated(`write ${mark} was said to have changed nothing, and the database has it`)
    if (outcome === 'stored' && change === undefined)
      this.#violated(`write ${mark} was said to be stored, and the database does not have it`)
    if (outcome === undefined) this.#violated(`write ${mark} failed without an outcome: ${result.message}`)
  }

  #repeat(everyMs: number, run: () => void): void {
    const { world, chance } = this.#parts
    world.plan(chance.between(0, 2 * everyMs), () => {
      run()
      this.#repeat(everyMs, run)
    })
  }

  #violated(report: string): void {
    this.violation ??= report
  }

  #sidecar(): SimulatedSidecar {
    return this.#parts.chance.pick(this.#parts.sidecars())
  }

  #keyspace(): string {
    return this.#parts.chance.pick(this.#parts.keyspaces).policy.name
  }

  #key(): string {
    return `k${Math.floor(KEYS * this.#parts.chance.uniform())}`
  }
}

function isSeen(told: Seen | RingsideError | undefined): told is Seen {
  return told !== undefined && !(told instanceof RingsideError)
}

/** What a process answers, once it runs. */
function delivered<T>(clock: SimulatedSidecar['clock'], ask: () => Promise<T>): Promise<T | RingsideError> {
  return new Promise((resolve) =>
    clock.deliver(() => {
      ask().then(resolve, (error: unknown) => resolve(RingsideError.from(error)))
    }),
  )
}

/** `undefined` where the answer is none of this key. */
function markIn({ outcome, value }: Answer, keyspace: string, key: string): number | undefined {
  const [name, mark] = value.toString().split('#')
  return outcome === 'found' && name === `${keyspace}/${key}` ? Number(mark) : undefined
}
