import { parseArgs } from 'node:util'
import { ENGINES, type Engine, listen } from '../support/engines.ts'
import { addTestService } from './test-service.ts'

// A server of the interop cases as a process of its own, for clients that are programs:
// tsx test/interop/serve.ts --engine grpc-js --port 50051
const { values } = parseArgs({
  options: { engine: { type: 'string', default: 'grpc-js' }, port: { type: 'string', default: '0' } },
})
if (!(values.engine in ENGINES)) {
  process.stderr.write(`--engine takes one of ${Object.keys(ENGINES).join(', ')}\n`)
  process.exit(2)
}
const server = ENGINES[values.engine as Engine]()
addTestService(server)
process.stdout.write(`listening on ${await listen(server, Number(values.port))}\n`)
