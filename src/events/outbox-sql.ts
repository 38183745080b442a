export interface OutboxNames {
  /** Of the table, with its schema, in lower case. */
  readonly table: string
  /** On which `NOTIFY` tells that there are new rows. */
  readonly channel: string
}

export const USUAL_OUTBOX: OutboxNames = { table: 'public.ringside_outbox', channel: 'ringside_outbox' }

/** The table in which set-aside events are kept. */
export const deadTable = (table: string): string => `${table}_dead`

/** What sets an outbox up, for `psql`: its tables, and a trigger function for the tables whose changes it is to tell of. */
export function outboxSql({ table, channel }: OutboxNames): string {
  const [schema] = table.split('.')
  return `-- Events wait here from the commit of their transaction until a sidecar has invalidated what they outdate.
create table ${table} (
  id bigint generated always as identity primary key,
  type text not null,
  payload jsonb not null,
  created_at timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- What no rule could make sense of, for an operator to look at.
create table ${deadTable(table)} (
  id bigint primary key,
  type text not null,
  payload jsonb not null,
  created_at timestamptz not null,
  reason text not null,
  set_aside_at timestamptz not null default clock_timestamp()
);

-- Wakes the sidecar when a transaction with new events commits.
create function ${table}_wake() returns trigger language plpgsql as $$
begin
  perform pg_notify('${channel}', '');
  return null;
end $$;

create trigger wake after insert on ${table}
  for each statement execute function ${table}_wake();

-- Tells of changed rows in the transaction that changes them. Arguments: the type of the event, then the columns that the
-- rules need. A row that changes in one of these is told of as it was and as it is.
create function ${table}_tell() returns trigger language plpgsql security definer set search_path = ${schema}, pg_temp as $$
declare
  columns text[] := tg_argv[1:];
  before jsonb;
  after jsonb;
begin
  if tg_op = 'UPDATE' and not (old *<> new) then
    return null;
  end if;
  if tg_op <> 'INSERT' then
    select jsonb_object_agg(key, value) into before from jsonb_each_text(to_jsonb(old)) where key = any (columns);
  end if;
  if tg_op <> 'DELETE' then
    select jsonb_object_agg(key, value) into after from jsonb_each_text(to_jsonb(new)) where key = any (columns);
  end if;
  insert into ${table} (type, payload)
    select distinct tg_argv[0], state from unnest(array[before, after]) as state where state is not null;
  return null;
end $$;
`
}
