import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { KeyText } from '../../src/base/key-text.ts'
import { Heat } from '../../src/hotkey/heat.ts'
import { readTrace } from './hit-ratio-trace.ts'
import { median } from './run.ts'

/** Nanoseconds that counting one read takes, by what is read, and microseconds that telling one shard takes. */
export interface Counting {
  /** One hot key. */
  readonly hot: number
  /** Keys as they come in a recorded trace. */
  readonly trace: number
  /** As many keys, all alike: hardly one is tracked. */
  readonly alike: number
  readonly tellUs: number
}

const READS = 1_000_000
const ROUNDS = 5
const PREFIX = 'prod:product:v3::'
const KEY_BYTES = 10

/** The keys from 0, one after the other. */
function keysUpTo(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, id) => String(id).padStart(KEY_BYTES, '0')).join(''))
}

/** A request, which has been read and looked up by the time that it is counted. */
const request: KeyText = { prefix: PREFIX, bytes: Buffer.alloc(KEY_BYTES), start: 0, end: KEY_BYTES }

function receive(keys: Buffer, id: number): KeyText {
  for (let at = 0; at < KEY_BYTES; at += 1) request.bytes[at] = keys[id * KEY_BYTES + at]!
  return request
}

/** Of `Heat.readText`, the keys being `ids` in turn; the loop itself, and the making of requests, are taken off. */
function nanosecondsOf(heat: Heat, keys: Buffer, ids: Uint32Array): number {
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const counted = timed(() => {
      for (let at = 0; at < READS; at += 1) heat.readText(receive(keys, ids[at % ids.length]!))
    })
    let bytes = 0
    const empty = timed(() => {
      for (let at = 0; at < READS; at += 1) bytes += receive(keys, ids[at % ids.length]!).end
    })
    if (bytes !== READS * KEY_BYTES) throw new Error('the loop was optimized away')
    rounds.push(((counted - empty) * 1e6) / READS)
    heat.tell('a', livesThere)
  }
  return median(rounds)
}

/** Of four shards, at one. */
function livesThere(key: string): boolean {
  return key.charCodeAt(key.length - 1) % 4 === 0
}

function timed(run: () => void): number {
  const begunAt = performance.now()
  run()
  return performance.now() - begunAt
}

const heat = () => new Heat(systemClock, systemChance)
const { ids, distinct } = await readTrace('orm-busy')
const keys = keysUpTo(distinct)
const busy = heat()
const trace = nanosecondsOf(busy, keys, ids)
const hot = nanosecondsOf(heat(), keys, new Uint32Array(1))
const drawn = Uint32Array.from({ length: READS }, () => systemChance.uniform() * distinct)
const alike = nanosecondsOf(heat(), keys, drawn)
const told = Array.from({ length: 100 }, (_, beat) => {
  for (let at = 0; at < 10_000; at += 1) busy.readText(receive(keys, ids[(beat * 10_000 + at) % ids.length]!))
  return timed(() => busy.tell('a', livesThere))
})
const counting: Counting = { hot, trace, alike, tellUs: median(told) * 1_000 }
process.stdout.write(JSON.stringify(counting))
