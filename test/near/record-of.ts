import { KeyHash } from '../../src/base/key-hash.ts'
import { payloadBytes } from '../../src/near/block-plan.ts'
import type { NearEntry } from '../../src/near/near-cache.ts'
import { keyBytesOf, type Records } from '../../src/near/records.ts'

const hash = new KeyHash(0)

/** Writes an entry where there is room for it; 0 when there is none. */
export function recordOf(records: Records, key: string, entry: NearEntry): number {
  const ref = records.allocate(payloadBytes(keyBytesOf(key), entry.value.length), () => false)
  if (ref !== 0) records.write(ref, hash.of(key), key, entry)
  return ref
}
