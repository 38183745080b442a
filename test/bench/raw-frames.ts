import { GET_PATH } from './get-message.ts'

const DEFAULT_WINDOW = 65_535

/** Indices into the static table (RFC 7541, appendix A) of the names sent. */
const NAME = { authority: 1, path: 4, contentType: 31, userAgent: 58 }
const METHOD_POST = 0x83
const SCHEME_HTTP = 0x86
const INDEXED = 0x80
const LITERAL_INDEXED = 0x40
/** The newest field of the dynamic table. */
const NEWEST = 62

/** What a client says first: the preface, no push, its window for streams and that for the connection. */
export function opening(windowBytes: number): Buffer {
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  const settings = Buffer.from('00000c0400000000000002000000000004', 'hex')
  const window = Buffer.alloc(4)
  window.writeUInt32BE(windowBytes)
  const parts = [preface, settings, window]
  if (windowBytes > DEFAULT_WINDOW) {
    const increment = Buffer.from('00000408000000000000000000', 'hex')
    increment.writeUInt32BE(windowBytes - DEFAULT_WINDOW, 9)
    parts.push(increment)
  }
  return Buffer.concat(parts)
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
}

/** The header block of the first Get on a connection; it puts five fields into the dynamic table. */
export function firstHeaders(authority: string): Buffer {
  const known = (name: number, value: string) => Buffer.concat([Buffer.from([LITERAL_INDEXED | name]), text(value)])
  return Buffer.concat([
    Buffer.from([METHOD_POST, SCHEME_HTTP]),
    known(NAME.path, GET_PATH),
    known(NAME.authority, authority),
    known(NAME.contentType, 'application/grpc'),
    Buffer.from([LITERAL_INDEXED]),
    text('te'),
    text('trailers'),
    known(NAME.userAgent, 'ringside-bench'),
  ])
}

/** That of every later one: indices only. */
export const LATER_HEADERS = Buffer.from([
  METHOD_POST,
  SCHEME_HTTP,
  ...[4, 3, 2, 1, 0].map((age) => INDEXED | (NEWEST + age)),
])
