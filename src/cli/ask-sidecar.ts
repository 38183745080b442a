import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { systemClock } from '../base/clock.ts'
import { serviceDefinition } from '../rpc/ringside-proto.ts'
import type { SidecarAddress } from './sidecar-address.ts'

const DEADLINE_MS = 5_000

export interface Question {
  /** Such as `ringside.v1.Cache`. */
  readonly service: string
  readonly method: string
  readonly request: object
  readonly at: SidecarAddress
  /** Milliseconds to wait for the answer. */
  readonly timeoutMs?: number
}

/** Makes one call to a running sidecar. Rejects with what the sidecar or gRPC said. */
export async function askSidecar<Response>({
  service,
  method: name,
  request,
  at,
  timeoutMs = DEADLINE_MS,
}: Question): Promise<Response> {
  const method = serviceDefinition(service)[name]
  if (method === undefined) throw new Error(`the proto has no ${service}.${name}`)
  const client = new Client(at.address, credentials.createInsecure())
  try {
    return await new Promise<Response>((resolve, reject) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        (bytes: Buffer) => method.responseDeserialize(bytes) as unknown as Response,
        request,
        metadataFor(at),
        { deadline: new Date(systemClock.wall() + timeoutMs) },
        (error: ServiceError | null, response?: Response) =>
          error === null && response !== undefined ? resolve(response) : reject(error),
      )
    })
  } finally {
    client.close()
  }
}

function metadataFor({ token }: SidecarAddress): Metadata {
  const metadata = new Metadata()
  if (token !== '') metadata.set('authorization', `Bearer ${token}`)
  return metadata
}
