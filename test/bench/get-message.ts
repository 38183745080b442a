import type { GetRequest } from '../../src/gen/ringside/v1/GetRequest.ts'
import { serviceDefinition } from '../../src/rpc/ringside-proto.ts'

export const GET_PATH = '/ringside.v1.Cache/Get'
const FRAME_BYTES = 5

const get = serviceDefinition('ringside.v1.Cache').Get
if (get === undefined) throw new Error('the proto has no Cache.Get')
const { requestSerialize } = get

/** A request as gRPC frames it on the wire. */
export function framedGet(request: GetRequest): Buffer {
  const message = requestSerialize(request)
  const frame = Buffer.alloc(FRAME_BYTES)
  frame.writeUInt32BE(message.length, 1)
  return Buffer.concat([frame, message])
}
