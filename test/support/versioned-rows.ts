import type { Clock } from '../../src/base/clock.ts'
import { RingsideError } from '../../src/base/errors.ts'
import type { Loaded, LoadRequest, LoadScope, Origin, OriginChange, OriginStats } from '../../src/origin/origin.ts'
import { ScriptedOrigin } from './scripted-origin.ts'

export interface Row {
  /** `undefined`: it was deleted. */
  readonly text: string | undefined
  readonly version: number
}

/** A table whose statements go by versions: what is older than what it has changes nothing. Version 0 passes always. */
export class VersionedRows implements Origin {
  readonly name = 'scripted'
  readonly timeoutMs = 1_000
  readonly canStore = true
  readonly rows = new Map<string, Row>()
  /** The keys of each call, in order. */
  readonly calls: string[][] = []
  /** Values that the table takes for wrong. */
  readonly poison = new Set<string>()
  down = false
  /** What a call waits for before it has changed anything. */
  held: Promise<void> | undefined
  readonly #clock: Clock
  readonly #stats: OriginStats

  constructor(clock: Clock) {
    this.#clock = clock
    this.#stats = new ScriptedOrigin(clock).stats()
  }

  async start(): Promise<void> {}
  async close(): Promise<void> {}

  async load({ key }: LoadRequest): Promise<Loaded> {
    if (this.down) throw new RingsideError('ORIGIN_UNAVAILABLE', 'down', { retryAfterMs: 1 })
    const [sentAt, costMs] = [this.#clock.now(), 0]
    const text = this.rows.get(key)?.text
    return text === undefined
      ? { found: false, sentAt, costMs }
      : { found: true, value: Buffer.from(text), sentAt, costMs }
  }

  async store(_scope: LoadScope, changes: readonly OriginChange[]): Promise<void> {
    this.calls.push(changes.map(({ key }) => key))
    await this.held
    if (this.down) throw new RingsideError('ORIGIN_UNAVAILABLE', 'down', { metadata: { outcome: 'unchanged' } })
    const texts = changes.map((change) => ('value' in change ? change.value.toString() : undefined))
    if (texts.some((text) => text !== undefined && this.poison.has(text))) {
      throw new RingsideError('WRITE_REFUSED', 'origin scripted refuses the change', {
        metadata: { outcome: 'unchanged' },
      })
    }
    for (const [index, { key, version }] of changes.entries()) {
      if (version > 0 && version <= (this.rows.get(key)?.version ?? 0)) continue
      this.rows.set(key, { text: texts[index], version })
    }
  }

  stats(): OriginStats {
    return this.#stats
  }
}
