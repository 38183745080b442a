import type { Check } from './check.ts'
import { engineClient } from './engine-client.ts'
import { engineIdle } from './engine-idle.ts'
import { engineNear } from './engine-near.ts'
import { enginePeers } from './engine-peers.ts'
import { type EngineRig, OURS, PEER, startEngines } from './engine-rig.ts'
import { engineStall } from './engine-stall.ts'

interface Report {
  readonly text: string
  readonly checks: readonly Check[]
}

const onRig = (measure: (rig: EngineRig) => Promise<Report>) => async (): Promise<Report> => {
  const rig = await startEngines(OURS, PEER)
  try {
    return await measure(rig)
  } finally {
    await rig.stop()
  }
}

/** The sidecar on its own gRPC engine, beside the same sidecar on the other one, Redis, and itself by another road. */
export const engineParts: Readonly<Record<string, () => Promise<Report>>> = {
  'engine-near': onRig(engineNear),
  'engine-peers': onRig(enginePeers),
  'engine-client': onRig(engineClient),
  'engine-stall': onRig(engineStall),
  'engine-idle': engineIdle,
}

/** All of them. */
export async function engineBenchmark(): Promise<Report> {
  const reports: Report[] = []
  for (const measure of Object.values(engineParts)) reports.push(await measure())
  return { text: reports.map(({ text }) => text).join('\n\n'), checks: reports.flatMap(({ checks }) => checks) }
}
