/** What emptying a server takes. */
export interface FlushOperations {
  /** Names of strings that begin with `prefix`, some of them at a time; those that come and go meanwhile may be missing, or come twice. */
  scan: { readonly args: ScanAsk; readonly result: Scanned }
  /** Removes what is cached under a name: an entry, a copy, or a marker. */
  flush: { readonly args: { readonly key: string }; readonly result: Flushed }
}

export interface ScanAsk {
  /** Without any character that has a meaning in a pattern. */
  readonly prefix: string
  /** Where to go on; `SCAN_BEGIN` at first. */
  readonly cursor: string
  /** About so many names are looked at. */
  readonly count: number
}

export interface Scanned {
  /** `SCAN_BEGIN`: that was all. */
  readonly cursor: string
  readonly names: readonly string[]
}

/**
 * `kept`: something hangs on the record that must not be lost: a value that its origin does not have yet, a write that is
 * under way, or a hold. `absent`: there is none, or none that is known here.
 */
export type Flushed = 'removed' | 'kept' | 'absent'

export const SCAN_BEGIN = '0'
