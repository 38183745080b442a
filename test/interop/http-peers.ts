import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from './peer.ts'
import { available } from './peers.ts'
import { TestService } from './testing-proto.ts'

/** Larger both ways than a first window of flow control, which is 65,535 bytes. */
const REQUEST_BYTES = 100_000
const ANSWER_BYTES = 200_000
const LOAD_CALLS = 2_000

const { UnaryCall } = TestService.service
const request = framed(
  UnaryCall!.requestSerialize({ response_size: ANSWER_BYTES, payload: { body: Buffer.alloc(REQUEST_BYTES) } }),
)
const answer = framed(UnaryCall!.responseSerialize({ payload: { body: Buffer.alloc(ANSWER_BYTES) } }))

/** HTTP/2 clients that know nothing of gRPC, by name; each makes the call and gives why it is not answered as it should. */
export const HTTP_PEERS: Readonly<Record<string, (target: string) => Promise<string | undefined>>> = {
  curl: async (target) => {
    await available('curl', ['--version'])
    return inFolder(async (folder) => {
      const [body, head] = [join(folder, 'body'), join(folder, 'head')]
      const data = ['--data-binary', `@${join(folder, 'request')}`, '-o', body, '-D', head, '--max-time', '10']
      const { code } = await runProgram(['curl', '-sS', '--http2-prior-knowledge', ...HEADERS, ...data, url(target)])
      if (code !== 0) return `curl ended with ${code}`
      return fault(readFileSync(body), readFileSync(head, 'utf8'))
    })
  },

  nghttp: async (target) => {
    await available('nghttp', ['--version'])
    return inFolder(async (folder) => {
      const call = ['-d', join(folder, 'request'), '-H', ':method: POST', ...HEADERS, url(target)]
      const body = await runProgram(['nghttp', '-t', '10', ...call])
      const frames = await runProgram(['nghttp', '-t', '10', '-nv', '--no-dep', '-w', '20', '-W', '20', ...call])
      return fault(body.stdout, frames.stdout.toString())
    })
  },

  h2load: async (target) => {
    await available('h2load', ['--version'])
    return inFolder(async (folder) => {
      const load = [
        '-n',
        `${LOAD_CALLS}`,
        '-c',
        '4',
        '-m',
        '10',
        '-d',
        join(folder, 'request'),
        ...HEADERS,
        url(target),
      ]
      const { stdout } = await runProgram(['h2load', '-N', '20', ...load])
      const succeeded = Number(stdout.toString().match(/(\d+) succeeded/)?.[1])
      return succeeded === LOAD_CALLS ? undefined : `expected ${LOAD_CALLS} calls to succeed, got ${succeeded}`
    })
  },
}

const HEADERS = ['-H', 'content-type: application/grpc', '-H', 'te: trailers']

function url(target: string): string {
  return `http://${target}/grpc.testing.TestService/UnaryCall`
}

function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

function fault(body: Buffer, fields: string): string | undefined {
  if (!body.equals(answer)) {
    return `expected ${answer.length} bytes from ${answer.toString('hex', 0, 12)}, got ${body.length} from ${body.toString('hex', 0, 12)}`
  }
  return /grpc-status: 0\b/.test(fields) ? undefined : `expected the trailer grpc-status: 0 among\n${fields}`
}

async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-interop-'))
  try {
    writeFileSync(join(folder, 'request'), request)
    return await run(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
