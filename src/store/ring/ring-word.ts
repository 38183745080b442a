import type { Ring } from '../../ring/ring.ts'
import type { Rings } from '../../ring/rings.ts'

/** What a sidecar tells the others about its rings, under the part `ring` of its notice. */
export interface RingWord {
  /** By these it reads: the one before a switch, the one after it, or both. */
  readonly reads: readonly Ring[]
  /** It has only just come: it reads by that ring if it is the one in use, and else by none. */
  readonly isGuess: boolean
  /** Hashes of the rings of which every home gets its writes before they are acknowledged. */
  readonly knows: ReadonlySet<string>
  /** Hash of the ring that it is configured to read by. */
  readonly aims: string
}

export const RING_PART = 'ring'

export function encodeRingWord({ reads, isGuess, knows, aims }: RingWord): string {
  return JSON.stringify({ reads: reads.map(String), guess: isGuess, knows: [...knows], aims })
}

/** `undefined` for what makes no sense: it may be of another release. */
export function decodeRingWord(text: string, rings: Rings): RingWord | undefined {
  try {
    const said = JSON.parse(text) as { reads: string[]; guess: boolean; knows: string[]; aims: string }
    const reads = said.reads.map((ring) => rings.parse(ring))
    if (reads.includes(undefined)) return undefined
    const { guess, knows, aims } = said
    return { reads: reads as Ring[], isGuess: guess === true, knows: new Set(knows), aims: String(aims) }
  } catch {
    return undefined
  }
}
