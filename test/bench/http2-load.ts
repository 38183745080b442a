// Gets of distinct keys, each answer checked.  argv: address, keyspace, first key, distinct keys, requests, in flight, source
import { connect, type IncomingHttpHeaders } from 'node:http2'
import { framedGet, GET_PATH, unframedAnswer } from './get-message.ts'
import { closedLoop, VALUE_BYTES } from './run.ts'

const [address, keyspace, first, distinct, requests, inFlight, source] = process.argv.slice(2)
const session = connect(`http://${address}`)
const headers = { ':method': 'POST', ':path': GET_PATH, 'content-type': 'application/grpc', te: 'trailers' }
const bodies = Array.from({ length: Number(distinct) }, (_, index) =>
  framedGet({ keyspace: keyspace ?? '', key: String(Number(first) + index) }),
)

function call(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers)
    const chunks: Buffer[] = []
    let status = 'no status'
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    const note = (fields: IncomingHttpHeaders) => {
      if (fields['grpc-status'] !== undefined) status = `${fields['grpc-status']} ${fields['grpc-message'] ?? ''}`
    }
    // An error without a message comes as headers alone.
    stream.on('response', note)
    stream.on('trailers', note)
    stream.on('error', reject)
    stream.on('close', () => {
      if (!status.startsWith('0 ')) return reject(new Error(`gRPC status ${status}`))
      const answer = unframedAnswer(Buffer.concat(chunks))
      if (answer.source === source && answer.value.length === VALUE_BYTES) return resolve()
      reject(new Error(`answered from ${answer.source} with ${answer.value.length} bytes, not from ${source}`))
    })
    stream.end(bodies[(index * 7_919) % bodies.length])
  })
}

const run = await closedLoop(Number(requests), Number(inFlight), call)
process.stdout.write(JSON.stringify(run))
session.close()
