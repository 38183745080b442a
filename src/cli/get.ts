import type { GetResponse__Output } from '../gen/ringside/v1/GetResponse.ts'
import { askSidecar } from './ask-sidecar.ts'
import type { SidecarAddress } from './sidecar-address.ts'

const LONGEST_SHOWN = 200

export interface GetArguments {
  readonly keyspace: string
  readonly key: string
  readonly tenant: string
  readonly at: SidecarAddress
}

/** Asks a running sidecar for one key, and tells the answer as one line. Rejects with what the sidecar or gRPC said. */
export async function getOnce({ at, ...request }: GetArguments): Promise<string> {
  const call = { service: 'ringside.v1.Cache', method: 'Get', request, at }
  return JSON.stringify(shown(await askSidecar<GetResponse__Output>(call)))
}

function shown({ value, ...answer }: GetResponse__Output): object {
  const text = value.toString('utf8')
  return { ...answer, value: text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text }
}
