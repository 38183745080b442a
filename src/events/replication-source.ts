import type pg from 'pg'
import type { Clock } from '../base/clock.ts'
import type { EventSession, EventSource, Missed } from './event-source.ts'
import { connectPostgres, sourceFailure, sqlState } from './postgres-session.ts'
import { ReplicationSession } from './replication-session.ts'
import {
  createSlot,
  dropSlot,
  type Identities,
  preparePublication,
  type ReplicationNames,
  type SlotState,
  slotState,
  whileAlone,
} from './replication-setup.ts'
import { sourceUnavailable } from './source-unavailable.ts'

export interface ReplicationSourceOptions extends ReplicationNames {
  /** `postgres://user:password@host:port/database`, of the primary. Never logged. */
  readonly url: string
  /** Columns that the rules make keys of, by table. */
  readonly columns: ReadonlyMap<string, readonly string[]>
  readonly beatMs?: number
}

const USUAL_BEAT_MS = 1_000
/** The slot is streamed from by another session. */
const IN_USE = '55006'
/** Reasons kept of changes that were set aside; there is no other place for them. */
const MOST_SET_ASIDE = 5

/**
 * The changes of rows as PostgreSQL writes them to its log, told by its own plugin `pgoutput` to whoever streams from the
 * slot: one session at a time, which makes the one consumer. The slot keeps the position.
 */
export class ReplicationSource implements EventSource {
  readonly name: string
  readonly #options: ReplicationSourceOptions
  readonly #clock: Clock
  readonly #setAside: string[] = []
  #setAsideTotal = 0
  #wasSeen = false
  #losses = 0
  #identities: Identities = new Map()

  constructor(options: ReplicationSourceOptions, parts: { readonly clock: Clock }) {
    this.name = options.name
    this.#options = options
    this.#clock = parts.clock
  }

  async open(missed: Missed): Promise<EventSession | undefined> {
    const { name, url } = this.#options
    const asking = await connectPostgres({ source: name, url })
    let session: EventSession | undefined
    try {
      if (await this.#prepare(asking, missed)) session = await this.#stream(asking)
      return session
    } catch (error) {
      throw sourceFailure(name, error)
    } finally {
      if (session === undefined) await asking.end().catch(() => undefined)
    }
  }

  warnings(): readonly string[] {
    const warnings = [...this.#untold()]
    const about = `event source ${this.name}`
    if (this.#losses > 0) {
      warnings.push(
        `${about}: its slot was lost (${this.#losses} times since the start), and changes with it; see docs/events.md`,
      )
    }
    if (this.#setAsideTotal > 0) {
      warnings.push(`${about}: ${this.#setAsideTotal} changes were set aside, lately: ${this.#setAside.join('; ')}`)
    }
    return warnings
  }

  /** False while another session streams. */
  async #prepare(asking: pg.Client, missed: Missed): Promise<boolean> {
    const { name } = this.#options
    const { rows } = await asking.query<{ level: string }>("select current_setting('wal_level') as level")
    if (rows[0]?.level !== 'logical') {
      throw sourceUnavailable(name, 'needs `wal_level = logical`; set it and restart the server')
    }
    this.#identities = await preparePublication(asking, this.#options)
    const state = await slotState(asking, this.#options)
    if (stands(state)) return this.#found(state)
    return whileAlone(asking, this.#options, () => this.#make(asking, missed))
  }

  #found(state: SlotState): boolean {
    this.#wasSeen = true
    return state === 'ready'
  }

  /** Another session may have made it just before. */
  async #make(asking: pg.Client, missed: Missed): Promise<boolean> {
    const { slot } = this.#options
    const state = await slotState(asking, this.#options)
    if (stands(state)) return this.#found(state)
    const isLoss = state === 'lost' || this.#wasSeen
    if (state === 'lost') await dropSlot(asking, this.#options)
    const why = isLoss
      ? `its slot ${slot} was ${state === 'lost' ? 'invalidated by the server' : 'dropped'}: changes may have been missed`
      : `its slot ${slot} is new: what changed before is not known`
    const isMade = await createSlot(asking, this.#options, () => missed(why))
    if (isMade && isLoss) this.#losses += 1
    return isMade
  }

  async #stream(asking: pg.Client): Promise<EventSession | undefined> {
    const { name, url, beatMs = USUAL_BEAT_MS } = this.#options
    const streaming = await connectPostgres({ source: name, url, replicates: true })
    const onSetAside = (table: string, why: string) => this.#remember(`${table}: ${why}`)
    const parts = { streaming, asking, clock: this.#clock, onSetAside }
    const session = new ReplicationSession({ ...this.#options, beatMs }, parts)
    try {
      await session.start()
      this.#wasSeen = true
      return session
    } catch (error) {
      await session.close()
      if (sqlState(error) === IN_USE) return undefined
      throw error
    }
  }

  #remember(what: string): void {
    this.#setAsideTotal += 1
    if (this.#setAside.includes(what)) return
    this.#setAside.push(what)
    if (this.#setAside.length > MOST_SET_ASIDE) this.#setAside.shift()
  }

  /** What a row was before is told of its replica identity only. */
  *#untold(): Iterable<string> {
    for (const [table, columns] of this.#options.columns) {
      const identity = this.#identities.get(table)
      const untold = columns.filter((column) => identity !== undefined && !identity.includes(column))
      if (untold.length === 0) continue
      const what = `rules name ${untold.join(', ')} of ${table}, whose old values the log does not tell`
      yield `event source ${this.name}: ${what}; run: alter table ${table} replica identity full`
    }
  }
}

function stands(state: SlotState): boolean {
  return state === 'ready' || state === 'busy'
}
