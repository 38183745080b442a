import type { CallMeter } from '../../src/rpc/call.ts'

/** A meter that remembers. */
export class RecordingMeter implements CallMeter {
  /** `method keyspace outcome source` of each result. */
  readonly results: string[] = []
  /** Method of each call. */
  readonly calls: string[] = []

  count(method: string, keyspace: string, outcome: string, source: string): void {
    this.results.push(`${method} ${keyspace} ${outcome} ${source}`)
  }

  observe(method: string): void {
    this.calls.push(method)
  }
}
