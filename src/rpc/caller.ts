import type { Metadata } from '@grpc/grpc-js'

/** Metadata in which a caller may give its name, so that it gets its turn at an origin however much others ask. */
const CALLER = 'ringside-caller'
/** What is longer is cut off: a name is kept for as long as its call waits. */
const LONGEST = 64

/** The name that a call came with; empty = none. */
export function callerOf(metadata: Metadata): string {
  const [name = ''] = metadata.get(CALLER)
  return name.toString().trim().slice(0, LONGEST)
}
