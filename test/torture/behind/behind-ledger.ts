import type { Postgres } from '../../support/postgres.ts'

/** What callers were told of values that were written and counters that were added to. */
export class BehindLedger {
  readonly #newest = new Map<string, { readonly version: number; readonly text: string }>()
  /** Of each counter: what was acknowledged, and what may have been added without anybody knowing. */
  readonly #sums = new Map<string, { sure: number; unsure: number }>()
  writes = 0
  additions = 0
  unsure = 0

  wrote(key: string, text: string, version: number): void {
    this.writes += 1
    if (version > (this.#newest.get(key)?.version ?? 0)) this.#newest.set(key, { version, text })
  }

  added(table: string, key: string, delta: number, isSure = true): void {
    const name = `${table}/${key}`
    const sum = this.#sums.get(name) ?? { sure: 0, unsure: 0 }
    this.#sums.set(name, sum)
    if (isSure) sum.sure += delta
    else sum.unsure += delta
    this.additions += isSure ? 1 : 0
    this.unsure += isSure ? 0 : 1
  }

  /** Everything that the tables have wrong, now that all is to have arrived. */
  async check(postgres: Postgres): Promise<readonly string[]> {
    const back = await postgres.query<{ id: string; was: string; came: string }>('select id, was, came from gone_back')
    return [
      ...(await this.#wrongNotes(postgres)),
      ...(await this.#wrongSums(postgres, 'views')),
      ...(await this.#wrongSums(postgres, 'hits')),
      ...back.map(({ id, was, came }) => `${id} went back from version ${was} to ${came}`),
    ]
  }

  async #wrongNotes(postgres: Postgres): Promise<readonly string[]> {
    const all = await postgres.query<{ id: string; body: string; version: string }>(
      'select id, body, version from notes',
    )
    const rows = new Map(all.map((row) => [row.id, row]))
    return [...this.#newest].flatMap(([key, { version, text }]) => {
      const row = rows.get(key)
      // A write whose answer was lost may have come later.
      if (Number(row?.version ?? 0) > version || row?.body === text) return []
      return [`${key} has ${row?.body} of version ${row?.version}, not ${text} of ${version}`]
    })
  }

  async #wrongSums(postgres: Postgres, table: string): Promise<readonly string[]> {
    const all = await postgres.query<{ id: string; total: string }>(`select id, total from ${table}`)
    const totals = new Map(all.map(({ id, total }) => [`${table}/${id}`, Number(total)]))
    return [...this.#sums].flatMap(([name, { sure, unsure }]) => {
      const total = totals.get(name) ?? 0
      if (!name.startsWith(`${table}/`) || (total >= sure && total <= sure + unsure)) return []
      return [`${name} is ${total}, not ${sure} to ${sure + unsure}`]
    })
  }
}
