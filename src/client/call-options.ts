/** What any call may be given. */
export interface CallOptions {
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface InvalidateOptions extends CallOptions {
  readonly tenant?: string | undefined
  /** Milliseconds during which loads are answered but not stored: for invalidations sent before the commit. */
  readonly holdMs?: number | undefined
}
