import { FailingShard } from './failing-shard.ts'
import { ManualClock } from './manual-clock.ts'
import { memoryShard } from './memory-shard.ts'
import { ringTier } from './ring-tier.ts'

/** A tier of one memory shard that can be made to fail, started, on a clock that is moved by hand. */
export async function oneShard() {
  const clock = new ManualClock()
  const shard = new FailingShard(memoryShard(clock))
  const store = ringTier([shard], { clock })
  await store.start()
  return { clock, shard, store }
}
