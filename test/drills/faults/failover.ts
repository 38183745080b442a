import type { Scenario } from '../scenario.ts'
import { SentinelTier } from '../world/sentinel-tier.ts'

export const failover: Scenario<SentinelTier> = {
  name: 'failover',
  fault:
    'The primary of a shard that three Sentinels watch is killed (SIGKILL); they let one of its two replicas take over.',
  shape: { replicas: 2 },
  momentary: true,
  recoveryWithinMs: 15_000,
  startTier: SentinelTier.start,
  async inflict({ tier }) {
    const primary = await tier.watched.primary()
    await primary.kill()
    return async () => undefined
  },
}
