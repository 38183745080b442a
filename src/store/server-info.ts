/** Memory figures of a server; `undefined` until it has told them, or where it sets no limit. */
export interface ServerMemory {
  readonly memoryBytes: number | undefined
  readonly memoryLimitBytes: number | undefined
  readonly fragmentationRatio: number | undefined
  readonly evictedKeys: number | undefined
}

export const UNKNOWN_MEMORY: ServerMemory = {
  memoryBytes: undefined,
  memoryLimitBytes: undefined,
  fragmentationRatio: undefined,
  evictedKeys: undefined,
}

/** Reads the figures out of the text of `INFO`. */
export function memoryFigures(info: string): ServerMemory {
  const limit = number(info, 'maxmemory')
  return {
    memoryBytes: number(info, 'used_memory'),
    memoryLimitBytes: limit === 0 ? undefined : limit,
    fragmentationRatio: number(info, 'mem_fragmentation_ratio'),
    evictedKeys: number(info, 'evicted_keys'),
  }
}

/** What an operator should know about the way a server is set up, each as one sentence. */
export function serverWarnings(info: string): readonly string[] {
  const warnings: string[] = []
  const policy = field(info, 'maxmemory_policy')
  if (number(info, 'maxmemory') !== 0 && policy !== undefined && !/^volatile-l[fr]u$/.test(policy)) {
    warnings.push(
      `maxmemory-policy is ${policy}; use volatile-lfu or volatile-lru, or writes may fail or control keys be evicted`,
    )
  }
  if (field(info, 'redis_mode') === 'cluster') {
    warnings.push(
      'this is a node of a Redis Cluster, whose slots a ring does not follow; use nodes without cluster mode',
    )
  }
  if (field(info, 'role') === 'slave') {
    warnings.push('this is a replica, which takes no writes; name its primary instead')
  }
  return warnings
}

function field(info: string, name: string): string | undefined {
  return info.match(new RegExp(`^${name}:([^\\r\\n]*)`, 'm'))?.[1]
}

function number(info: string, name: string): number | undefined {
  const text = field(info, name)
  return text === undefined ? undefined : Number(text)
}
