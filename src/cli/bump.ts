import type { BumpKeyspaceResponse__Output } from '../gen/ringside/v1/BumpKeyspaceResponse.ts'
import { askSidecar } from './ask-sidecar.ts'
import type { SidecarAddress } from './sidecar-address.ts'

/** Two steps of two heartbeats each, of up to five seconds, and what they take themselves. */
const LONGEST_MS = 30_000

/** Has a running sidecar move a keyspace, and tells what became of it. Rejects with what the sidecar or gRPC said. */
export async function bumped(keyspace: string, at: SidecarAddress): Promise<string> {
  const call = {
    service: 'ringside.v1.Admin',
    method: 'BumpKeyspace',
    request: { keyspace },
    at,
    timeoutMs: LONGEST_MS,
  }
  const { version } = await askSidecar<BumpKeyspaceResponse__Output>(call)
  return `keyspace ${keyspace} is at version ${version}: nothing that was cached before is read any more`
}
