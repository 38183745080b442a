import type { Scenario } from '../scenario.ts'
import { setLoadTime } from '../world/drill-database.ts'
import { RingTier } from '../world/ring-tier.ts'

const SLOW_MS = 500

export const dbSlow: Scenario<RingTier> = {
  name: 'db-slow',
  fault: `Every load takes the database ${SLOW_MS} ms.`,
  startTier: RingTier.start,
  async inflict({ postgres, shape }) {
    await setLoadTime(postgres, SLOW_MS)
    return () => setLoadTime(postgres, shape.loadMs)
  },
}

export const dbDown: Scenario<RingTier> = {
  name: 'db-down',
  fault: 'The database is killed (SIGKILL) and started again at the end of the fault.',
  startTier: RingTier.start,
  async inflict({ postgres }) {
    await postgres.kill()
    return () => postgres.restart()
  },
}

/** Not a drill of its own: connections that end are nothing that a user would notice. */
export const dbDisconnect: Scenario<RingTier> = {
  name: 'db-disconnect',
  fault: 'The database closes all connections of the sidecars.',
  momentary: true,
  startTier: RingTier.start,
  async inflict({ postgres }) {
    await postgres.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ringside'`)
    return async () => undefined
  },
}
