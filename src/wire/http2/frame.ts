/** Frame types (RFC 9113, section 6). */
export const DATA = 0x0
export const HEADERS = 0x1
export const PRIORITY = 0x2
export const RST_STREAM = 0x3
export const SETTINGS = 0x4
export const PUSH_PROMISE = 0x5
export const PING = 0x6
export const GOAWAY = 0x7
export const WINDOW_UPDATE = 0x8
export const CONTINUATION = 0x9

/** Flags (section 6). ACK and END_STREAM are of different frames. */
export const ACK = 0x1
export const END_STREAM = 0x1
export const END_HEADERS = 0x4
export const PADDED = 0x8
export const PRIORITIZED = 0x20

/** What stands in front of each payload: length (24 bits), type, flags, stream (31 bits). Section 4.1. */
export const FRAME_HEADER_BYTES = 9

/** The least maximum there may be, and what holds until a peer says otherwise (section 6.5.2). */
export const LEAST_MAX_FRAME_BYTES = 16_384
export const MOST_MAX_FRAME_BYTES = 2 ** 24 - 1

/** Writes a frame header at `at`; returns the position behind it. */
export function putFrameHeader(
  out: Buffer,
  at: number,
  bytes: number,
  type: number,
  flags: number,
  stream: number,
): number {
  out[at] = bytes >>> 16
  out[at + 1] = bytes >>> 8
  out[at + 2] = bytes
  out[at + 3] = type
  out[at + 4] = flags
  out[at + 5] = stream >>> 24
  out[at + 6] = stream >>> 16
  out[at + 7] = stream >>> 8
  out[at + 8] = stream
  return at + FRAME_HEADER_BYTES
}
