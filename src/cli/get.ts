import { Client, credentials, type ServiceError } from '@grpc/grpc-js'
import { systemClock } from '../base/clock.ts'
import type { GetResponse__Output } from '../gen/ringside/v1/GetResponse.ts'
import { serviceDefinition } from '../rpc/ringside-proto.ts'

const DEADLINE_MS = 5_000
const LONGEST_SHOWN = 200

export interface GetArguments {
  readonly keyspace: string
  readonly key: string
  readonly tenant: string
  /** `host:port` or `unix:path`. */
  readonly address: string
}

/** Asks a running sidecar for one key, and tells the answer as one line. Rejects with what the sidecar or gRPC said. */
export async function getOnce({ keyspace, key, tenant, address }: GetArguments): Promise<string> {
  const method = serviceDefinition('ringside.v1.Cache').Get
  if (method === undefined) throw new Error('the proto has no Cache.Get')
  const client = new Client(address, credentials.createInsecure())
  try {
    const answer = await new Promise<GetResponse__Output>((resolve, reject) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        (bytes: Buffer) => method.responseDeserialize(bytes) as unknown as GetResponse__Output,
        { keyspace, key, tenant },
        { deadline: new Date(systemClock.wall() + DEADLINE_MS) },
        (error: ServiceError | null, response?: GetResponse__Output) =>
          error === null && response !== undefined ? resolve(response) : reject(error),
      )
    })
    return JSON.stringify(shown(answer))
  } finally {
    client.close()
  }
}

function shown({ value, ...answer }: GetResponse__Output): object {
  const text = value.toString('utf8')
  return { ...answer, value: text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text }
}
