import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import type { WarmProgress__Output } from '../gen/ringside/v1/WarmProgress.ts'
import type { WarmRequest } from '../gen/ringside/v1/WarmRequest.ts'
import { serviceDefinition } from '../rpc/ringside-proto.ts'
import type { SidecarAddress } from './sidecar-address.ts'

/** Makes one call of `Admin.Warm`, and resolves to its last message. Rejects with what the sidecar or gRPC said. */
export async function warmCall(
  at: SidecarAddress,
  request: WarmRequest,
  onProgress: (progress: WarmProgress__Output) => void,
): Promise<WarmProgress__Output> {
  const { Warm: method } = serviceDefinition('ringside.v1.Admin')
  if (method === undefined) throw new Error('the proto has no Admin.Warm')
  const client = new Client(at.address, credentials.createInsecure())
  const metadata = new Metadata()
  if (at.token !== '') metadata.set('authorization', `Bearer ${at.token}`)
  try {
    return await new Promise((resolve, reject) => {
      const read = (bytes: Buffer) => method.responseDeserialize(bytes) as WarmProgress__Output
      const stream = client.makeServerStreamRequest(method.path, method.requestSerialize, read, request, metadata)
      let last: WarmProgress__Output | undefined
      stream.on('data', (progress: WarmProgress__Output) => {
        last = progress
        onProgress(progress)
      })
      stream.on('error', (error: ServiceError) => reject(error))
      stream.on('end', () =>
        last === undefined ? reject(new Error('the call ended without an answer')) : resolve(last),
      )
    })
  } finally {
    client.close()
  }
}
