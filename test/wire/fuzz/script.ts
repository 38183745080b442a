import { SeededChance } from '../../torture/seeded-chance.ts'
import {
  ACK,
  bytesOf,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  type Frame,
  GOAWAY,
  HEADERS,
  headerBlock,
  message,
  PADDED,
  PING,
  PREFACE,
  PRIORITIZED,
  PRIORITY,
  RST_STREAM,
  SETTINGS,
  settings,
  WINDOW_UPDATE,
  word,
} from './frames.ts'

/** What one connection of the fuzzer does; a seed and an index make it anew. */
export interface Script {
  readonly kind: Kind
  readonly frames: number
  /** Written one after the other, however the frames lie in them. */
  readonly pieces: readonly Buffer[]
  /** A client that never reads what it is sent. */
  readonly deaf: boolean
  /** How it leaves: by closing its half, or by a reset of the connection. */
  readonly abrupt: boolean
}

type Kind = 'mutated' | 'random' | 'flood' | 'deaf' | 'noise' | 'calls'

const KINDS: readonly Kind[] = [
  'mutated',
  'mutated',
  'mutated',
  'mutated',
  'random',
  'random',
  'flood',
  'deaf',
  'noise',
  'calls',
]
const METHODS = [
  'EmptyCall',
  'UnaryCall',
  'UnaryCall',
  'StreamingOutputCall',
  'StreamingInputCall',
  'FullDuplexCall',
  'UnimplementedCall',
  'None',
]
const MOST_FRAMES = 250
/** Answers that are made for nobody cost more than all the other frames. */
const GREED_SHARE = 0.3
const MUTATED_SHARE = 0.04
const STREAMS = [0, 1, 1, 3, 3, 5, 7, 9, 2, 4, 0x7fffffff, 0x80000001]
const NOISE = new SeededChance(1).bytes(256 * 1024)
const SIZES = [0, 0, 1, 4, 5, 6, 8, 9, 12, 40, 255, 1_000, 16_384, 16_385]

export function scriptOf(chance: SeededChance): Script {
  const kind = chance.pick(KINDS)
  const frames = framesOf(kind, chance)
  const bytes = kind === 'noise' ? noise(chance, whole(chance, 1, 3_000)) : Buffer.alloc(0)
  const preface = kind !== 'noise' || chance.happens(0.3) ? PREFACE : Buffer.alloc(0)
  const stream = Buffer.concat([preface, bytes, ...frames.map(bytesOf)])
  const deaf = kind === 'deaf'
  return { kind, frames: Math.max(frames.length, 1), pieces: split(stream, chance), deaf, abrupt: chance.happens(0.3) }
}

function framesOf(kind: Kind, chance: SeededChance): Frame[] {
  const count = whole(chance, 1, MOST_FRAMES)
  if (kind === 'noise') return []
  if (kind === 'random') return [opening(chance), ...Array.from({ length: count }, () => randomFrame(chance))]
  if (kind === 'flood') return [opening(chance), ...flood(chance, count * 4)]
  if (kind === 'deaf')
    return [
      settings([4, 0x7fffffff]),
      word(WINDOW_UPDATE, 0, 0x7fff0000),
      ...greed(chance, Math.ceil(count * GREED_SHARE)),
    ]
  const calls = [opening(chance), ...correct(chance, count)]
  return kind === 'calls' ? calls : calls.flatMap((frame) => mutated(frame, chance))
}

function opening(chance: SeededChance): Frame {
  const pairs: [number, number][] = []
  if (chance.happens(0.5)) pairs.push([1, chance.pick([0, 100, 4_096, 65_536, 0xffffffff])])
  if (chance.happens(0.5)) pairs.push([4, chance.pick([0, 1, 100, 65_535, 1_048_576, 0x7fffffff])])
  if (chance.happens(0.3)) pairs.push([5, chance.pick([16_384, 20_000, 16_777_215])])
  if (chance.happens(0.2)) pairs.push([chance.pick([3, 6, 9, 200]), chance.pick([0, 1, 1_000])])
  return settings(...pairs)
}

/** Frames as a client of good manners sends them: calls, some split over frames, with frames of control between. */
function correct(chance: SeededChance, count: number): Frame[] {
  const frames: Frame[] = []
  for (let stream = 1; frames.length < count; stream += 2) {
    frames.push(...call(chance, stream))
    if (chance.happens(0.4)) frames.push(control(chance, stream))
  }
  return frames
}

function call(chance: SeededChance, stream: number): Frame[] {
  const method = chance.pick(METHODS)
  const block = requestBlock(chance, method)
  const body = Buffer.concat(
    Array.from(
      { length: method.startsWith('Streaming') || method === 'FullDuplexCall' ? whole(chance, 0, 4) : 1 },
      () => message(request(chance, method), chance.happens(0.03) ? whole(chance, 1, 3) : 0),
    ),
  )
  const parts = chance.happens(0.3) ? split(body, chance) : [body]
  const data = parts.map((payload, index): Frame => {
    const end = index === parts.length - 1 && chance.happens(0.9)
    return padded({ type: DATA, flags: end ? END_STREAM : 0, stream, payload }, chance)
  })
  return [...headers(chance, stream, block), ...data]
}

function headers(chance: SeededChance, stream: number, block: Buffer): Frame[] {
  const parts = chance.happens(0.2) ? split(block, chance) : [block]
  return parts.map((payload, index): Frame => {
    const flags = index === parts.length - 1 ? END_HEADERS : 0
    if (index > 0) return { type: CONTINUATION, flags, stream, payload }
    const prioritized = chance.happens(0.1)
    const whole = prioritized ? Buffer.concat([Buffer.from([0, 0, 0, 0, 16]), payload]) : payload
    return padded({ type: HEADERS, flags: flags | (prioritized ? PRIORITIZED : 0), stream, payload: whole }, chance)
  })
}

function requestBlock(chance: SeededChance, method: string): Buffer {
  const fields: [string, string][] = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', `/grpc.testing.TestService/${method}`],
    [':authority', 'localhost'],
    ['content-type', chance.happens(0.95) ? 'application/grpc' : 'text/plain'],
    ['te', 'trailers'],
  ]
  if (chance.happens(0.2)) fields.push(['grpc-timeout', chance.pick(['1m', '5S', '1H', '99999999H', '0m', 'x', '-1S'])])
  if (chance.happens(0.1)) fields.push(['grpc-encoding', chance.pick(['gzip', 'identity', 'deflate', 'snappy', ''])])
  if (chance.happens(0.1)) fields.push(['x-grpc-test-echo-initial', 'x'.repeat(whole(chance, 0, 300))])
  if (chance.happens(0.1)) fields.push(['x-grpc-test-echo-trailing-bin', chance.pick(['q6ur', 'q6ur,AAAA', '!', ''])])
  if (chance.happens(0.03)) fields.push(['x-large', 'y'.repeat(whole(chance, 1_000, 20_000))])
  if (chance.happens(0.05))
    fields.push(
      chance.pick<[string, string]>([
        ['Upper', 'x'],
        [':late', 'x'],
        ['connection', 'close'],
        ['', ''],
      ]),
    )
  return headerBlock(fields)
}

function request(chance: SeededChance, method: string): Buffer {
  if (chance.happens(0.05)) return noise(chance, whole(chance, 0, 100))
  const size = chance.pick([0, 1, 100, 10_000, 70_000])
  if (method === 'EmptyCall') return Buffer.alloc(0)
  if (method === 'UnaryCall') return Buffer.concat([Buffer.from([0x10]), varint(size)])
  if (method === 'StreamingInputCall') return Buffer.from([0x0a, 0x02, 0x12, 0x00])
  const parameters = Buffer.concat([Buffer.from([0x08]), varint(size)])
  return Buffer.concat([Buffer.from([0x12]), varint(parameters.length), parameters])
}

function varint(value: number): Buffer {
  const octets: number[] = []
  let left = value
  for (; left >= 128; left = Math.floor(left / 128)) octets.push((left % 128) + 128)
  return Buffer.from([...octets, left])
}

function control(chance: SeededChance, stream: number): Frame {
  return chance.pick([
    () => ({ type: PING, flags: 0, stream: 0, payload: noise(chance, 8) }),
    () => word(WINDOW_UPDATE, chance.pick([0, stream]), whole(chance, 1, 100_000)),
    () => word(RST_STREAM, stream, chance.pick([0, 7, 8, 0xffff])),
    () => ({ type: PRIORITY, flags: 0, stream, payload: Buffer.from([0, 0, 0, 0, 1]) }),
    () => opening(chance),
    () => ({ type: SETTINGS, flags: ACK, stream: 0, payload: Buffer.alloc(0) }),
    () => ({ type: GOAWAY, flags: 0, stream: 0, payload: Buffer.alloc(8) }),
    () => ({ type: whole(chance, 10, 255), flags: 0, stream, payload: noise(chance, 5) }),
  ])()
}

/** Large answers to all of many calls: 100 MB to each that streams, of which a server makes what the client takes. */
function greed(chance: SeededChance, count: number): Frame[] {
  const frames: Frame[] = []
  for (let stream = 1; frames.length < count; stream += 2) {
    const method = chance.pick(['UnaryCall', 'StreamingOutputCall'])
    const body =
      method === 'UnaryCall'
        ? Buffer.concat([Buffer.from([0x10]), varint(500_000)])
        : Buffer.concat(Array.from({ length: 2_000 }, () => Buffer.concat([Buffer.from([0x12, 4, 8]), varint(50_000)])))
    frames.push(...headers(chance, stream, requestBlock(chance, method)))
    frames.push({ type: DATA, flags: END_STREAM, stream, payload: message(body) })
    if (chance.happens(0.3)) frames.push({ type: PING, flags: 0, stream: 0, payload: Buffer.alloc(8) })
  }
  return frames
}

function flood(chance: SeededChance, count: number): Frame[] {
  const block = requestBlock(chance, 'UnaryCall')
  const each = chance.pick<(index: number) => Frame[]>([
    () => [{ type: PING, flags: 0, stream: 0, payload: Buffer.alloc(8) }],
    () => [settings()],
    () => [settings([4, whole(chance, 0, 100_000)])],
    () => [{ type: DATA, flags: 0, stream: 1, payload: Buffer.alloc(0) }],
    () => [{ type: CONTINUATION, flags: 0, stream: 1, payload: Buffer.alloc(whole(chance, 0, 1_000)) }],
    (index) => [
      { type: HEADERS, flags: END_HEADERS, stream: 2 * index + 3, payload: block },
      word(RST_STREAM, 2 * index + 3, 8),
    ],
    (index) => [{ type: HEADERS, flags: END_HEADERS, stream: 2 * index + 3, payload: block }],
    () => [word(WINDOW_UPDATE, 0, 1)],
    () => [{ type: PRIORITY, flags: 0, stream: 1, payload: Buffer.from([0, 0, 0, 0, 1]) }],
  ])
  const unfinished = chance.happens(0.5) ? 0 : END_HEADERS
  const first: Frame = { type: HEADERS, flags: unfinished, stream: 1, payload: block }
  return [first, ...Array.from({ length: count }, (_, index) => each(index)).flat()].slice(0, count)
}

function randomFrame(chance: SeededChance): Frame {
  const size = chance.pick(SIZES)
  const base = { type: whole(chance, 0, 12), flags: whole(chance, 0, 256), stream: chance.pick(STREAMS) }
  return { ...base, payload: noise(chance, size), ...(chance.happens(0.05) && { length: whole(chance, 0, 70_000) }) }
}

/** The frame, or what has become of it. */
function mutated(frame: Frame, chance: SeededChance): Frame[] {
  if (!chance.happens(MUTATED_SHARE)) return [frame]
  return chance.pick<() => Frame[]>([
    () => [{ ...frame, type: whole(chance, 0, 12) }],
    () => [{ ...frame, flags: frame.flags ^ (1 << whole(chance, 0, 8)) }],
    () => [{ ...frame, flags: frame.flags ^ (1 << whole(chance, 0, 8)) }],
    () => [{ ...frame, stream: chance.pick(STREAMS) }],
    () => [{ ...frame, length: Math.max(0, frame.payload.length + whole(chance, -10, 10)) }],
    () => [{ ...frame, payload: frame.payload.subarray(0, whole(chance, 0, frame.payload.length + 1)) }],
    () => [{ ...frame, payload: flipped(frame.payload, chance) }],
    () => [{ ...frame, payload: flipped(frame.payload, chance) }],
    () => [{ ...frame, payload: Buffer.concat([frame.payload, noise(chance, whole(chance, 1, 50))]) }],
    () => [frame, frame],
    () => [],
    () => [randomFrame(chance), frame],
  ])()
}

function flipped(payload: Buffer, chance: SeededChance): Buffer {
  const copy = Buffer.from(payload)
  for (let times = whole(chance, 1, 5); times > 0 && copy.length > 0; times -= 1) {
    const at = whole(chance, 0, copy.length)
    copy.writeUInt8((copy[at] as number) ^ (1 << whole(chance, 0, 8)), at)
  }
  return copy
}

function padded(frame: Frame, chance: SeededChance): Frame {
  if (!chance.happens(0.05)) return frame
  const padding = whole(chance, 0, 200)
  const payload = Buffer.concat([Buffer.from([padding]), frame.payload, Buffer.alloc(padding)])
  return { ...frame, flags: frame.flags | PADDED, payload }
}

function split(bytes: Buffer, chance: SeededChance): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = chance.happens(0.5) ? whole(chance, 1, 20) : whole(chance, 1, 20_000)
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces.length === 0 ? [bytes] : pieces
}

/** Bytes at random, cut out of many that are at hand: to make each anew takes longer than to send it. */
function noise(chance: SeededChance, size: number): Buffer {
  const at = whole(chance, 0, NOISE.length - size)
  return NOISE.subarray(at, at + size)
}

/** A whole number in [from, to). */
function whole(chance: SeededChance, from: number, to: number): number {
  return Math.floor(chance.between(from, to))
}
