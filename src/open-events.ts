import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import type { Cache } from './cache/cache.ts'
import type { KeyspaceBumps } from './cache/keyspace-bumps.ts'
import type { Config } from './config/config.ts'
import type { EventSourceConfig } from './config/sections/events.ts'
import { EventConsumer } from './events/event-consumer.ts'
import { EventRules } from './events/event-rules.ts'
import type { EventSource } from './events/event-source.ts'
import type { Targets } from './events/targets.ts'
import { Keyspaces } from './keyspace/keyspaces.ts'

export interface EventSurroundings {
  readonly cache: Pick<Cache, 'invalidate'>
  readonly bumps: Pick<KeyspaceBumps, 'bump'>
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

export interface OpenedEvents {
  readonly events: readonly EventConsumer[]
  readonly keyspaces: Keyspaces
}

/** Keys and tags invalidated at once. */
const AT_ONCE = 500

/** The consumers of the event sources that are configured: each invalidates through the same use case as callers do. */
export async function openEvents(config: Config, parts: EventSurroundings): Promise<OpenedEvents> {
  const keyspaces = new Keyspaces({ env: config.env, policies: config.keyspaces })
  const rules = new EventRules(config.events.rules, keyspaces)
  const invalidate = (targets: Targets) => invalidateAll(parts, targets)
  const sources = await Promise.all(config.events.sources.map((source) => openSource(source, parts)))
  return { keyspaces, events: sources.map((source) => new EventConsumer({ ...parts, source, rules, invalidate })) }
}

async function invalidateAll(
  { cache, bumps }: Pick<EventSurroundings, 'cache' | 'bumps'>,
  { keys, tags, keyspaces }: Targets,
): Promise<void> {
  const targets = [...keys, ...tags]
  const bumped = Promise.all(keyspaces.map((keyspace) => bumps.bump(keyspace)))
  // Not to be left alone where another fails first.
  bumped.catch(() => undefined)
  for (let at = 0; at < targets.length; at += AT_ONCE) await cache.invalidate(targets.slice(at, at + AT_ONCE))
  await bumped
}

async function openSource(config: EventSourceConfig, parts: EventSurroundings): Promise<EventSource> {
  switch (config.type) {
    case 'postgres-outbox':
      return new (await import('./events/outbox-source.ts')).OutboxSource(config, parts)
    case 'redis-stream':
      return new (await import('./events/stream-source.ts')).StreamSource(config, parts)
    case 'postgres-replication':
      return new (await import('./events/replication-source.ts')).ReplicationSource(config, parts)
  }
}
