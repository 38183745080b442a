import type { ProtoReader } from './proto-reader.ts'

/** What became of one change: fields 1 and 2 of `WriteResponse` and of `InvalidateResult`. */
export interface ChangeAnswer {
  /** Of what the change left behind; 0 where it is deferred. */
  readonly version: number
  /** Kept for later because the shard could not be reached. */
  readonly deferred: boolean
}

/** Throws `RangeError` when the bytes are none. */
export function readChangeAnswer(reader: ProtoReader): ChangeAnswer {
  let version = 0
  let deferred = false
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x08) version = reader.uint()
    else if (key === 0x10) deferred = reader.bool()
    else reader.skip(key)
  }
  return { version, deferred }
}
