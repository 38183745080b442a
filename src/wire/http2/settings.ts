import { ConnectionFault, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, PROTOCOL_ERROR } from './fault.ts'
import { LEAST_MAX_FRAME_BYTES, MOST_MAX_FRAME_BYTES } from './frame.ts'

/** Identifiers (RFC 9113, section 6.5.2). */
const HEADER_TABLE_SIZE = 0x1
const ENABLE_PUSH = 0x2
const MAX_CONCURRENT_STREAMS = 0x3
const INITIAL_WINDOW_SIZE = 0x4
const MAX_FRAME_SIZE = 0x5
const MAX_HEADER_LIST_SIZE = 0x6

export const MOST_WINDOW = 2 ** 31 - 1
export const DEFAULT_WINDOW = 65_535
const SETTING_BYTES = 6

/** What one side has told the other of itself. */
export interface Settings {
  readonly headerTableBytes: number
  readonly maxStreams: number
  readonly initialWindow: number
  readonly maxFrameBytes: number
  readonly headerListBytes: number
}

/** What holds until a peer says otherwise. */
export const DEFAULT_SETTINGS: Settings = {
  headerTableBytes: 4_096,
  maxStreams: Number.POSITIVE_INFINITY,
  initialWindow: DEFAULT_WINDOW,
  maxFrameBytes: LEAST_MAX_FRAME_BYTES,
  headerListBytes: Number.POSITIVE_INFINITY,
}

/** The payload of a SETTINGS frame on top of what held before. Unknown settings are ignored. */
export function settingsFrom(before: Settings, bytes: Buffer, start: number, end: number): Settings {
  if ((end - start) % SETTING_BYTES !== 0) {
    throw new ConnectionFault(FRAME_SIZE_ERROR, `SETTINGS of ${end - start} bytes, which is no multiple of 6`)
  }
  const settings = { ...before }
  for (let at = start; at < end; at += SETTING_BYTES) {
    const value = bytes.readUInt32BE(at + 2)
    switch (bytes.readUInt16BE(at)) {
      case HEADER_TABLE_SIZE:
        settings.headerTableBytes = value
        break
      case ENABLE_PUSH:
        if (value > 1) throw new ConnectionFault(PROTOCOL_ERROR, `SETTINGS_ENABLE_PUSH of ${value}`)
        break
      case MAX_CONCURRENT_STREAMS:
        settings.maxStreams = value
        break
      case INITIAL_WINDOW_SIZE:
        if (value > MOST_WINDOW)
          throw new ConnectionFault(FLOW_CONTROL_ERROR, `SETTINGS_INITIAL_WINDOW_SIZE of ${value}`)
        settings.initialWindow = value
        break
      case MAX_FRAME_SIZE:
        if (value < LEAST_MAX_FRAME_BYTES || value > MOST_MAX_FRAME_BYTES) {
          throw new ConnectionFault(PROTOCOL_ERROR, `SETTINGS_MAX_FRAME_SIZE of ${value}`)
        }
        settings.maxFrameBytes = value
        break
      case MAX_HEADER_LIST_SIZE:
        settings.headerListBytes = value
        break
    }
  }
  return settings
}

export interface OwnSettings {
  readonly role: 'client' | 'server'
  readonly maxStreams: number
  readonly initialWindow: number
  readonly headerListBytes: number
}

/** The payload of our own first SETTINGS. */
export function settingsPayload({ role, maxStreams, initialWindow, headerListBytes }: OwnSettings): Buffer {
  const pairs = [
    [INITIAL_WINDOW_SIZE, initialWindow],
    [MAX_HEADER_LIST_SIZE, headerListBytes],
    role === 'server' ? [MAX_CONCURRENT_STREAMS, maxStreams] : [ENABLE_PUSH, 0],
  ] as const
  const payload = Buffer.alloc(pairs.length * SETTING_BYTES)
  for (const [index, [identifier, value]] of pairs.entries()) {
    payload.writeUInt16BE(identifier, index * SETTING_BYTES)
    payload.writeUInt32BE(value, index * SETTING_BYTES + 2)
  }
  return payload
}
