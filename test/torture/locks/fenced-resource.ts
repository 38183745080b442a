import type { Postgres } from '../../support/postgres.ts'

/** One write that was let through, in the order in which they were made. */
interface Accepted {
  readonly seq: number
  readonly token: string
  readonly holder: string
}

/** What a lock protects: a row that refuses a smaller fencing token than it has seen, and remembers what it let through. */
export class FencedResource {
  readonly #postgres: Postgres

  constructor(postgres: Postgres) {
    this.#postgres = postgres
  }

  async make(): Promise<void> {
    await this.#postgres.query(`
      create table resource (id int primary key, token bigint not null);
      insert into resource values (1, 0);
      create table accepted (seq bigserial primary key, token bigint not null, holder text not null);
      create function fenced_write(presented bigint, holder text) returns boolean language plpgsql as $$
      declare seen bigint;
      begin
        select token into seen from resource where id = 1 for update;
        if presented < seen then return false; end if;
        update resource set token = presented where id = 1;
        insert into accepted (token, holder) values (presented, holder);
        return true;
      end $$`)
  }

  /** Everything that should not have been: a token of two holders, a smaller one after a larger one. */
  async violations(): Promise<readonly string[]> {
    const rows = await this.#postgres.query<{ readonly seq: number; readonly token: string; readonly holder: string }>(
      'select seq, token, holder from accepted order by seq',
    )
    return violationsIn(rows)
  }

  async count(): Promise<number> {
    const [row] = await this.#postgres.query<{ readonly count: string }>('select count(*) as count from accepted')
    return Number(row?.count ?? 0)
  }
}

export function violationsIn(rows: readonly Accepted[]): readonly string[] {
  const found: string[] = []
  const holders = new Map<string, string>()
  let before: Accepted | undefined
  for (const row of rows) {
    const holder = holders.get(row.token) ?? row.holder
    holders.set(row.token, holder)
    if (holder !== row.holder) found.push(`write ${row.seq}: ${row.holder} has the token ${row.token} of ${holder}`)
    if (before !== undefined && BigInt(row.token) < BigInt(before.token)) {
      found.push(`write ${row.seq}: ${row.holder} with ${row.token} after ${before.holder} with ${before.token}`)
    }
    before = row
  }
  return found
}
