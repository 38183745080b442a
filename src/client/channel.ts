/** How one call is to be made. */
export interface ChannelCall {
  /** Milliseconds from now after which the call fails with `DEADLINE_EXCEEDED`; `undefined` = never. */
  readonly timeoutMs?: number | undefined
  /** Ends the call with `CANCELLED` when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Carries unary gRPC calls to one server, as bytes. `unary` resolves to the answer's message, whose bytes belong to the
 * caller, and rejects only with `WireStatus`. `message` must not change until the call has settled.
 */
export interface Channel {
  unary(path: string, message: Buffer, call: ChannelCall): Promise<Buffer>
  /** Calls in flight fail with `CANCELLED`. */
  close(): Promise<void>
}
