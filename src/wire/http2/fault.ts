/** Error codes (RFC 9113, section 7). */
export const NO_ERROR = 0x0
export const PROTOCOL_ERROR = 0x1
export const INTERNAL_ERROR = 0x2
export const FLOW_CONTROL_ERROR = 0x3
export const STREAM_CLOSED = 0x5
export const FRAME_SIZE_ERROR = 0x6
export const REFUSED_STREAM = 0x7
export const CANCEL = 0x8
export const COMPRESSION_ERROR = 0x9
export const ENHANCE_YOUR_CALM = 0xb

const NAMES = new Map([
  [NO_ERROR, 'NO_ERROR'],
  [PROTOCOL_ERROR, 'PROTOCOL_ERROR'],
  [INTERNAL_ERROR, 'INTERNAL_ERROR'],
  [FLOW_CONTROL_ERROR, 'FLOW_CONTROL_ERROR'],
  [STREAM_CLOSED, 'STREAM_CLOSED'],
  [FRAME_SIZE_ERROR, 'FRAME_SIZE_ERROR'],
  [REFUSED_STREAM, 'REFUSED_STREAM'],
  [CANCEL, 'CANCEL'],
  [COMPRESSION_ERROR, 'COMPRESSION_ERROR'],
  [ENHANCE_YOUR_CALM, 'ENHANCE_YOUR_CALM'],
])

export const nameOf = (code: number): string => NAMES.get(code) ?? `code ${code}`

/** A breach of the protocol after which the connection cannot go on (section 5.4.1): it ends with GOAWAY and this code. */
export class ConnectionFault extends Error {
  override readonly name = 'ConnectionFault'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** A breach that ends one stream (section 5.4.2), with RST_STREAM and this code. */
export class StreamFault extends Error {
  override readonly name = 'StreamFault'
  readonly code: number
  readonly stream: number

  constructor(stream: number, code: number, message: string) {
    super(message)
    this.stream = stream
    this.code = code
  }
}
