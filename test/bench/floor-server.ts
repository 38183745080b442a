// Our floor today: a bare @grpc/grpc-js server that answers the same bytes from a Map.  argv: port
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import type { GetRequest__Output } from '../../src/gen/ringside/v1/GetRequest.ts'
import type { GetResponse } from '../../src/gen/ringside/v1/GetResponse.ts'
import { serviceDefinition } from '../../src/rpc/ringside-proto.ts'
import { VALUE_BYTES } from './run.ts'

const answers = new Map<string, GetResponse>([
  [
    '1',
    {
      outcome: 'OUTCOME_FOUND',
      value: Buffer.alloc(VALUE_BYTES, 'x'),
      source: 'SOURCE_NEAR',
      version: 1_795_392_906_988_109,
      as_of_unix_ms: 1_795_392_906_965,
      age_ms: 100,
      degraded: false,
    },
  ],
])

const server = new Server()
server.addService(serviceDefinition('ringside.v1.Cache'), {
  Get: (call: ServerUnaryCall<GetRequest__Output, GetResponse>, reply: sendUnaryData<GetResponse>) =>
    reply(null, answers.get(call.request.key)),
})
server.bindAsync(`127.0.0.1:${process.argv[2]}`, ServerCredentials.createInsecure(), () => process.stdout.write('up\n'))
