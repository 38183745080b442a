import type { SourceEvent } from './event.ts'

/** An entry of a Redis stream: its id, and its fields and values in turn; `null` where it was trimmed since it was delivered. */
export type StreamEntry = readonly [id: string, fields: readonly string[] | null]

/** An entry says its `type`, and its fields in `payload`, as a JSON object, or else beside the type. */
export function entryEvent([, pairs]: StreamEntry): SourceEvent {
  if (pairs === null) return { kind: 'broken', why: 'its entry was trimmed from the stream before it was applied' }
  const { type, payload, ...fields } = Object.fromEntries(pairsOf(pairs))
  if (type === undefined) return { kind: 'broken', why: 'its entry has no field type' }
  if (payload === undefined) return { kind: 'domain', type, fields }
  const parsed = jsonObject(payload)
  return parsed === undefined
    ? { kind: 'broken', why: 'its payload is no JSON object' }
    : { kind: 'domain', type, fields: parsed }
}

/** When it was added, as its server's clock had it: Unix milliseconds. */
export function addedAt([id]: StreamEntry): number {
  return Number(id.slice(0, id.indexOf('-')))
}

function* pairsOf(pairs: readonly string[]): Iterable<readonly [string, string]> {
  for (let at = 0; at + 1 < pairs.length; at += 2) yield [pairs[at] as string, pairs[at + 1] as string]
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
