import type { Postgres } from '../../support/postgres.ts'
import { createProducts } from '../../support/products.ts'
import type { WorldShape } from './world-shape.ts'

/** Names of advisory locks: one for each place, and one under which a place is looked for. */
export const PLACES = 4_711
const DOOR = 4_712
/** The key whose loads are counted one by one. */
export const COUNTED_KEY = 1

/** The load statement of the sidecars. It takes one of as many places as there may be loads, or fails and is counted. */
export const LOAD_SQL = 'select id as key, value from unnest(drill_load($1)) as asked join drill_values on id = asked'

/** Fills the tables. The door is held while a place is looked for: nobody else takes one then, so a failure is proof. */
export async function createDrillDatabase(
  postgres: Postgres,
  { originLimit, loadMs, valueBytes }: WorldShape,
): Promise<void> {
  await createProducts(postgres)
  await postgres.query(
    `create view drill_values as select id, rpad(value, greatest(${valueBytes}, length(value))) as value from product_values`,
  )
  await postgres.query('create table drill_pace (ms float8 not null)')
  await postgres.query(`insert into drill_pace values (${loadMs})`)
  await postgres.query('create sequence drill_loads cache 1')
  await postgres.query('create sequence drill_refusals cache 1')
  await postgres.query('create sequence drill_counted cache 1')
  await postgres.query(`create function drill_load(ids bigint[]) returns bigint[] language plpgsql volatile as $$
    declare
      found_place boolean := false;
    begin
      perform nextval('drill_loads');
      if ${COUNTED_KEY} = any(ids) then
        perform nextval('drill_counted');
      end if;
      perform pg_advisory_lock(${DOOR}, 0);
      for place in 1..${originLimit} loop
        found_place := pg_try_advisory_xact_lock(${PLACES}, place);
        exit when found_place;
      end loop;
      perform pg_advisory_unlock(${DOOR}, 0);
      if not found_place then
        perform nextval('drill_refusals');
        raise exception 'more than ${originLimit} loads at once';
      end if;
      perform pg_sleep(ms / 1000) from drill_pace;
      return ids;
    end $$`)
  await postgres.query('grant all on all tables in schema public to public')
  await postgres.query('grant all on all sequences in schema public to public')
}

/** From now on every load takes this long. */
export async function setLoadTime(postgres: Postgres, ms: number): Promise<void> {
  await postgres.query('update drill_pace set ms = $1', [ms])
}

/** The revision of each of the first `keys` rows, by its id. */
export async function readRevisions(postgres: Postgres, keys: number): Promise<ReadonlyMap<number, number>> {
  const rows = await postgres.query<{ id: string; revision: number }>(
    'select id, revision from products where id <= $1',
    [keys],
  )
  return new Map(rows.map(({ id, revision }) => [Number(id), revision]))
}
