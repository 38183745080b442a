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

/** As `npm run generate` has them: types and messages must agree. Versions stay below 2^53, so numbers hold them; what counters hold does not. */
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

const CACHE = 'ringside.v1.Cache'

/** The same with decimal text for 64-bit numbers, of which a double would lose some. */
const exactProto = loadSync('ringside/v1/cache.proto', { ...LOADING, longs: String })

/** A service by its full name, such as `ringside.v1.Cache`. `Increment` has its 64-bit numbers as decimal text. */
export function serviceDefinition(name: string): ServiceDefinition {
  const definition = serviceIn(ringsideProto, name)
  const { Increment } = serviceIn(exactProto, CACHE)
  return name === CACHE && Increment !== undefined ? { ...definition, Increment } : definition
}

function serviceIn(proto: PackageDefinition, name: string): ServiceDefinition {
  const definition = proto[name]
  if (definition === undefined || 'format' in definition) throw new Error(`no service ${name} in the proto files`)
  return definition
}

/** A message by its full name, such as `google.rpc.Status`. */
export function messageDefinition(name: string): MessageTypeDefinition<object, object> {
  const definition = ringsideProto[name]
  if (definition === undefined || !('serialize' in definition)) throw new Error(`no message ${name} in the proto files`)
  return definition as MessageTypeDefinition<object, object>
}
