import { fileURLToPath } from 'node:url'
import {
  loadSync,
  type MessageTypeDefinition,
  type Options,
  type PackageDefinition,
  type ServiceDefinition,
} from '@grpc/proto-loader'

/** The package's `proto/`: the same two steps up from `src/rpc/` and from `dist/rpc/`. */
const PROTO_DIRECTORY = fileURLToPath(new URL('../../proto', import.meta.url))

const FILES = [
  'ringside/v1/cache.proto',
  'ringside/v1/lock.proto',
  'ringside/v1/admin.proto',
  'google/rpc/status.proto',
  'google/rpc/error_details.proto',
]

/** As `npm run generate` has them: types and messages must agree. Versions stay below 2^53, so numbers hold them. */
const LOADING: Options = {
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
  includeDirs: [PROTO_DIRECTORY],
}

/** All that the sidecar serves or sends, read from the proto files. `Origin` is not in it: applications serve that. */
export const ringsideProto: PackageDefinition = loadSync(FILES, LOADING)

/** A service by its full name, such as `ringside.v1.Cache`. */
export function serviceDefinition(name: string): ServiceDefinition {
  const definition = ringsideProto[name]
  if (definition === undefined || 'format' in definition) throw new Error(`no service ${name} in the proto files`)
  return definition
}

/** A message by its full name, such as `google.rpc.Status`. */
export function messageDefinition(name: string): MessageTypeDefinition<object, object> {
  const definition = ringsideProto[name]
  if (definition === undefined || !('serialize' in definition)) throw new Error(`no message ${name} in the proto files`)
  return definition as MessageTypeDefinition<object, object>
}
