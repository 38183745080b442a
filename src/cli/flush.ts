import type { FlushResponse__Output } from '../gen/ringside/v1/FlushResponse.ts'
import { askSidecar } from './ask-sidecar.ts'
import type { SidecarAddress } from './sidecar-address.ts'

/** A hundred million keys at the usual rate; whoever ends the command ends the flush. */
const LONGEST_MS = 24 * 3_600_000

/** Has a running sidecar empty its environment, and tells what became of it. Rejects with what the sidecar or gRPC said. */
export async function flushed(environment: string, at: SidecarAddress): Promise<string> {
  const call = { service: 'ringside.v1.Admin', method: 'Flush', request: { environment }, at, timeoutMs: LONGEST_MS }
  const { removed, kept } = await askSidecar<FlushResponse__Output>(call)
  return `environment ${environment}: ${removed} keys removed, ${kept} other names left as they are`
}
