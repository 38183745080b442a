import { RingsideError } from '../../src/base/errors.ts'
import type { Answer } from '../../src/cache/cache.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
import type { ChangeInProgress, History, Seen, Violation } from './history.ts'
import { CROWDED, KEYS, QUIET, type SimulatedKeyspace, TAGGED, TAGS, tagsOf, UNTAGGED } from './keyspaces.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedRows } from './simulated-rows.ts'
import type { SimulatedSidecar } from './simulated-sidecar.ts'

export interface WorkloadParts {
  readonly world: Scheduler
  readonly chance: SeededChance
  readonly rows: SimulatedRows
  readonly history: History
  readonly sidecars: () => readonly SimulatedSidecar[]
  /** Many want the same few keys. */
  readonly crowd: boolean
  /** Whole keyspaces are moved to their next versions. */
  readonly bumping: boolean
  /** Half of all is about keyspaces whose rows name tags. */
  readonly tagged: boolean
  readonly onViolation: (violation: Violation) => void
}

export interface WorkloadCounts {
  reads: number
  near: number
  copy: number
  replica: number
  degraded: number
  failed: number
  changes: number
  acknowledged: number
  /** Keyspaces that were moved. */
  bumps: number
}

/** A caller gives up on a call after this, and another sidecar is asked. */
const READ_EVERY_MS = 12
const CROWD_EVERY_MS = 7
const CHANGE_EVERY_MS = 90
const BUMP_EVERY_MS = 700

/** Apps that read, write rows and invalidate, and fill keyspaces without an origin, and tell the history what they saw. */
export class Workload {
  readonly counts: WorkloadCounts = {
    reads: 0,
    near: 0,
    copy: 0,
    replica: 0,
    degraded: 0,
    failed: 0,
    changes: 0,
    acknowledged: 0,
    bumps: 0,
  }
  readonly #parts: WorkloadParts
  #marks = 0
  /** The largest version that was seen of a key, for readers who name it. */
  readonly #versions = new Map<string, number>()

  constructor(parts: WorkloadParts) {
    this.#parts = parts
  }

  start(): void {
    this.#repeat(READ_EVERY_MS, () => this.#read(false))
    if (this.#parts.crowd) this.#repeat(CROWD_EVERY_MS, () => this.#read(true))
    this.#repeat(CHANGE_EVERY_MS, () => this.#change())
    if (this.#parts.bumping) this.#repeat(BUMP_EVERY_MS, () => this.#bump())
  }

  #repeat(everyMs: number, run: () => void): void {
    const { world, chance } = this.#parts
    world.plan(chance.between(0, 2 * everyMs), () => {
      run()
      this.#repeat(everyMs, run)
    })
  }

  #read(isCrowd: boolean): void {
    const { world, chance, history } = this.#parts
    const sidecar = chance.pick(this.#parts.sidecars())
    const { policy } = isCrowd ? chance.pick(CROWDED) : this.#keyspace()
    const key = isCrowd ? 'k0' : this.#key()
    const startedAt = world.now
    const asked = chance.happens(0.2) ? Math.floor(chance.between(0, policy.boundMs)) : undefined
    const known = this.#versions.get(`${policy.name}/${key}`)
    const minVersion = chance.happens(0.1) ? known : undefined
    const by = `get@${sidecar.name}`
    const { name: keyspace } = policy
    // A call reaches a process that is stopped when that goes on.
    sidecar.clock.deliver(() => {
      const request = {
        keyspace,
        key,
        tenant: '',
        ...(asked === undefined ? {} : { maxStalenessMs: asked }),
        ...(minVersion === undefined ? {} : { minVersion }),
      }
      void answered(() => sidecar.cache.get(request)).then((answer) => {
        if (answer instanceof RingsideError) {
          this.counts.failed += 1
          history.unanswered({ keyspace, key, by, startedAt, endedAt: world.now }, answer.reason)
          return
        }
        this.#count(answer, `${keyspace}/${key}`)
        const violation = history.read({
          keyspace,
          key,
          by,
          startedAt,
          endedAt: world.now,
          boundMs: Math.min(policy.boundMs, asked ?? policy.boundMs),
          ...(minVersion === undefined ? {} : { minVersion }),
          seen: seenIn(answer, keyspace, key),
          version: answer.version,
          asOf: sidecar.clock.toWorld(answer.asOf),
          degraded: answer.degraded,
          source: answer.source,
        })
        if (violation !== undefined) this.#parts.onViolation(violation)
        if (answer.lease !== undefined) this.#fill(sidecar, keyspace, key, answer.lease.token)
      })
    })
  }

  #count(answer: Answer, name: string): void {
    this.counts.reads += 1
    if (answer.source === 'near') this.counts.near += 1
    if (answer.source === 'copy') this.counts.copy += 1
    if (answer.source === 'replica') this.counts.replica += 1
    if (answer.degraded) this.counts.degraded += 1
    if (answer.version > (this.#versions.get(name) ?? 0)) this.#versions.set(name, answer.version)
  }

  #change(): void {
    const { chance } = this.#parts
    const keyspace = this.#keyspace()
    const key = this.#key()
    const sidecar = chance.pick(this.#parts.sidecars())
    const isTagged = tagsOf(keyspace.policy.name, key).length > 0
    if (isTagged && chance.happens(0.6)) this.#changeTagged(sidecar, keyspace.policy.name, chance.pick(TAGS))
    else if (keyspace.rules.states === 'origin') this.#changeRow(sidecar, keyspace, key)
    else if (chance.happens(0.5)) this.#set(sidecar, keyspace.policy.name, key)
    else this.#invalidateAside(sidecar, keyspace.policy.name, key)
  }

  #changeRow(sidecar: SimulatedSidecar, { policy }: SimulatedKeyspace, key: string): void {
    const { rows, history, world } = this.#parts
    const keyspace = policy.name
    const mark = rows.commit(keyspace, key)
    const change = history.begin({ keyspace, key, by: `invalidate@${sidecar.name}`, at: world.now, mark })
    this.#settle(sidecar, change, async () => {
      await sidecar.cache.invalidate([{ keyspace, key, tenant: '' }])
      return 0
    })
  }

  /** Changes every row of a keyspace, and has everything that is cached of it forgotten at once. */
  #bump(): void {
    const { rows, history, world, chance, onViolation } = this.#parts
    const sidecar = chance.pick(this.#parts.sidecars())
    const { policy } = chance.pick(QUIET.filter(({ rules }) => rules.states === 'origin'))
    const keyspace = policy.name
    const changes = Array.from({ length: KEYS }, (_, number) => {
      const key = `k${number}`
      const mark = rows.commit(keyspace, key)
      return history.begin({ keyspace, key, by: `bump@${sidecar.name}`, at: world.now, mark })
    })
    sidecar.clock.deliver(() => {
      void answered(() => sidecar.bumps.bump(keyspace)).then((version) => {
        if (!(version instanceof RingsideError)) this.counts.bumps += 1
        for (const change of changes) {
          if (version instanceof RingsideError) {
            change.unknown(world.now)
            continue
          }
          const violation = change.acknowledged(world.now)
          if (violation !== undefined) onViolation(violation)
        }
      })
    })
  }

  /** All rows that carry the tag, and one invalidation for them. */
  #changeTagged(sidecar: SimulatedSidecar, keyspace: string, tag: string): void {
    const { rows, history, world } = this.#parts
    const keys = Array.from({ length: KEYS }, (_, key) => `k${key}`)
    const changes = keys
      .filter((key) => tagsOf(keyspace, key).includes(tag))
      .map((key) => {
        const mark = rows.commit(keyspace, key)
        return history.begin({ keyspace, key, by: `invalidate ${tag}@${sidecar.name}`, at: world.now, mark })
      })
    const together: ChangeInProgress = {
      acknowledged: (at) => changes.map((one) => one.acknowledged(at)).find((violation) => violation !== undefined),
      refused(at) {
        for (const one of changes) one.refused(at)
      },
      unknown(at) {
        for (const one of changes) one.unknown(at)
      },
    }
    this.#settle(sidecar, together, async () => {
      await sidecar.cache.invalidate([{ keyspace, tag, tenant: '' }])
      return 0
    })
  }

  #invalidateAside(sidecar: SimulatedSidecar, keyspace: string, key: string): void {
    const { history, world } = this.#parts
    const change = history.begin({ keyspace, key, by: `invalidate@${sidecar.name}`, at: world.now })
    this.#settle(sidecar, change, async () => {
      const [result] = await sidecar.cache.invalidate([{ keyspace, key, tenant: '' }])
      return result?.version ?? 0
    })
  }

  /** Uses a lease after the while that a load would take. */
  #fill(sidecar: SimulatedSidecar, keyspace: string, key: string, leaseToken: string): void {
    const { world, chance, rows } = this.#parts
    const leasedAt = world.now
    if (chance.happens(0.1)) return
    const loadMs = chance.happens(0.2) ? chance.between(0, 900) : chance.between(0, 40)
    const row = rows.stateNow(keyspace, key)
    world.plan(loadMs, () => {
      if (tagsOf(keyspace, key).length > 0) this.#setRow(sidecar, keyspace, key, row, leaseToken)
      else this.#set(sidecar, keyspace, key, { leaseToken, leasedAt })
    })
  }

  /** What the application read from the row goes in under its lease; that it does is for the readers to judge. */
  #setRow(sidecar: SimulatedSidecar, keyspace: string, key: string, state: number, leaseToken: string): void {
    const value = Buffer.from(`${keyspace}/${key}#${state}`)
    const request = { keyspace, key, tenant: '', value, leaseToken, tags: tagsOf(keyspace, key) }
    sidecar.clock.deliver(() => void answered(() => sidecar.cache.set(request)))
  }

  #set(
    sidecar: SimulatedSidecar,
    keyspace: string,
    key: string,
    leased?: { readonly leaseToken: string; readonly leasedAt: number },
  ): void {
    const { history, world } = this.#parts
    this.#marks += 1
    const mark = this.#marks
    const by = `${leased === undefined ? 'set' : 'fill'}@${sidecar.name}`
    const lease = leased === undefined ? {} : { leasedAt: leased.leasedAt }
    const change = history.begin({ keyspace, key, by, at: world.now, mark, ...lease })
    const value = Buffer.from(`${keyspace}/${key}#${mark}`)
    this.#settle(sidecar, change, async () => {
      const request = { keyspace, key, tenant: '', value, leaseToken: leased?.leaseToken ?? '' }
      const { stored, version } = await sidecar.cache.set(request)
      return stored ? version : undefined
    })
  }

  #settle({ clock }: SimulatedSidecar, change: ChangeInProgress, run: () => Promise<number | undefined>): void {
    const { world, onViolation } = this.#parts
    this.counts.changes += 1
    clock.deliver(() => {
      void answered(run).then((version) => {
        if (version === undefined) return change.refused(world.now)
        if (version instanceof RingsideError) {
          return version.reason === 'LEASE_LOST' ? change.refused(world.now) : change.unknown(world.now)
        }
        this.counts.acknowledged += 1
        const violation = change.acknowledged(world.now, version)
        if (violation !== undefined) onViolation(violation)
      })
    })
  }

  #keyspace(): SimulatedKeyspace {
    const { chance, tagged, crowd } = this.#parts
    if (tagged && chance.happens(0.5)) return chance.pick(TAGGED)
    return chance.pick(crowd ? UNTAGGED : QUIET)
  }

  #key(): string {
    const { chance } = this.#parts
    return `k${Math.floor(KEYS * chance.uniform() ** 2)}`
  }
}

async function answered<T>(run: () => T | Promise<T>): Promise<T | RingsideError> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof RingsideError && error.reason !== 'INTERNAL') return error
    throw error
  }
}

function seenIn({ outcome, value }: Answer, keyspace: string, key: string): Seen {
  if (outcome === 'miss') return { kind: 'miss' }
  if (outcome === 'not-found') return { kind: 'absent' }
  const text = value.toString()
  const [name, mark] = text.split('#')
  return name === `${keyspace}/${key}` ? { kind: 'value', mark: Number(mark) } : { kind: 'foreign', text }
}
