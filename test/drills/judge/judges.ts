import type { Judge } from './judge.ts'
import { judgeDbDown } from './judge-db-down.ts'
import { judgeFlush } from './judge-flush.ts'
import { judgeHotKey } from './judge-hot-key.ts'
import { judgeShardKill } from './judge-shard-kill.ts'

/** In the order in which the index lists them. */
export const JUDGES: readonly Judge[] = [judgeShardKill, judgeFlush, judgeDbDown, judgeHotKey]
