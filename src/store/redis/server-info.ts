import type { ServerFacts } from '../server-facts.ts'

/** Reads the figures out of the text of `INFO`; `clustered`: of a node that is meant to be one of a cluster. */
export function serverFacts(info: string, clustered = false): ServerFacts {
  const limit = number(info, 'maxmemory')
  return {
    memoryBytes: number(info, 'used_memory'),
    memoryLimitBytes: limit === 0 ? undefined : limit,
    fragmentationRatio: number(info, 'mem_fragmentation_ratio'),
    evictedKeys: number(info, 'evicted_keys'),
    trackedKeys: number(info, 'tracking_total_keys'),
    trackedKeysLimit: undefined,
    warnings: warnings(info, clustered),
  }
}

/** What an operator should know about the way a server is set up, each as one sentence. */
function warnings(info: string, clustered: boolean): readonly string[] {
  const found: string[] = []
  const policy = field(info, 'maxmemory_policy')
  if (number(info, 'maxmemory') !== 0 && policy !== undefined && !/^volatile-l[fr]u$/.test(policy)) {
    found.push(
      `maxmemory-policy is ${policy}; use volatile-lfu or volatile-lru, or writes may fail or control keys be evicted`,
    )
  }
  if (!clustered && field(info, 'redis_mode') === 'cluster') {
    found.push('this is a node of a Redis Cluster, whose slots a ring does not follow; use `topology: cluster`')
  }
  if (field(info, 'role') === 'slave') {
    found.push('this is a replica, which takes no writes; name its primary instead')
  }
  return found
}

function field(info: string, name: string): string | undefined {
  return info.match(new RegExp(`^${name}:([^\\r\\n]*)`, 'm'))?.[1]
}

function number(info: string, name: string): number | undefined {
  const text = field(info, name)
  return text === undefined ? undefined : Number(text)
}
