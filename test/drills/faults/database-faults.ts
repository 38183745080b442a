import type { Scenario } from '../scenario.ts'
import { setLoadTime } from '../world/drill-database.ts'
import { RingTier } from '../world/ring-tier.ts'

const SLOW_MS = 500

export const databaseFaults: readonly Scenario<RingTier>[] = [
  {
    name: 'db-slow',
    fault: `Every load takes the database ${SLOW_MS} ms.`,
    startTier: RingTier.start,
    async inflict({ postgres, shape }) {
      await setLoadTime(postgres, SLOW_MS)
      return () => setLoadTime(postgres, shape.loadMs)
    },
  },
  {
    name: 'db-down',
    fault: 'The database is killed (SIGKILL) and started again at the end of the fault.',
    startTier: RingTier.start,
    async inflict({ postgres }) {
      await postgres.kill()
      return () => postgres.restart()
    },
  },
]
