import type { NearEntry } from '../../src/near/near-cache.ts'

/** A near entry that lives for an hour of a fresh clock, except for what the test says. */
export function nearEntry(
  parts: Partial<Omit<NearEntry, 'value'>> & { readonly value?: string | Buffer } = {},
): NearEntry {
  const { value = parts.kind === 'negative' ? '' : 'value', ...rest } = parts
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return {
    kind: 'value',
    version: 1,
    asOf: 0,
    loadedAt: 0,
    freshUntil: 1_800_000,
    expiresAt: 3_600_000,
    ...rest,
    value: bytes,
  }
}
