import type { Postgres } from './postgres.ts'

export const PRODUCTS = 100_000

/** What the database holds of a product: its value names its id and its revision, so that a wrong answer shows. */
export const productValue = (id: string | number, revision = 1): string => `{"id": ${id}, "revision": ${revision}}`

/** Fills a table of 100,000 products, and a function that notes every id it is asked for. */
export async function createProducts(postgres: Postgres): Promise<void> {
  await postgres.query(`create table products (id bigint primary key, revision int not null default 1)`)
  await postgres.query(`insert into products select generate_series(1, ${PRODUCTS})`)
  await postgres.query(`create view product_values as
    select id, jsonb_build_object('id', id, 'revision', revision)::text as value from products`)
  await postgres.query(`create table asked (id bigint not null)`)
  await postgres.query(`create function noted(ids bigint[]) returns bigint[] language sql volatile as
    $$ insert into asked select unnest(ids); select ids $$`)
  await postgres.query('grant all on all tables in schema public to public')
}
