import type { Shard } from '../../src/store/shard.ts'
import type { ShardState } from '../../src/store/shard-stats.ts'
import type { Tier } from '../../src/store/tier.ts'

/** A whole tier in the place of one shard: each key is asked of its home, as those who use a tier do it. */
export function tierAsShard(tier: Tier): Shard {
  const any = (): Shard => tier.shards[0] as Shard
  return {
    name: 'tier',
    get board() {
      return any().board
    },
    start: () => tier.start(),
    close: () => tier.close(),
    state: () => tier.shards.map((shard) => shard.state()).reduce(worse),
    stats: () => any().stats(),
    read: (key, options) => tier.home(key).read(key, options),
    readReplica: (key, options) => tier.home(key).readReplica(key, options),
    acquire: (key, options) => tier.home(key).acquire(key, options),
    fill: (key, token, content, options) => tier.home(key).fill(key, token, content, options),
    put: (key, content, options) => tier.home(key).put(key, content, options),
    invalidate: (key, options) => tier.home(key).invalidate(key, options),
    intend: (key, options) => tier.home(key).intend(key, options),
    settle: (key, options) => tier.home(key).settle(key, options),
    defer: (key, holdMs) => tier.home(key).defer(key, holdMs),
    release: (key, token) => tier.home(key).release(key, token),
    lock: (key, ttlMs) => tier.home(key).lock(key, ttlMs),
    readCopy: (name, options) => tier.home(name).readCopy(name, options),
    leaseCopy: (name, leaseTtlMs) => tier.home(name).leaseCopy(name, leaseTtlMs),
    fillCopy: (name, lease, copy) => tier.home(name).fillCopy(name, lease, copy),
    dropCopy: (name) => tier.home(name).dropCopy(name),
    budget: (ask) => tier.home(ask.key).budget(ask),
    heat: (report) => any().heat(report),
    hottest: (limit) => any().hottest(limit),
    ask: (key, name, args, options) => tier.home(key).ask(key, name, args, options),
    change: (key, name, args) => tier.home(key).change(key, name, args),
    watch: (key, wake) => tier.home(key).watch(key, wake),
    unprove: () => {
      for (const shard of tier.shards) shard.unprove()
    },
    atLeast: (version) => {
      for (const shard of tier.shards) shard.atLeast(version)
    },
    serverUs: () => any().serverUs(),
    momentOf: (epoch, us) => any().momentOf(epoch, us),
  }
}

function worse(one: ShardState, other: ShardState): ShardState {
  return one.up ? other : one
}
