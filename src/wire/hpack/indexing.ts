/**
 * How a field without an index is written: added to the table, in this block only, or likewise and never to be added by
 * those who pass it on. (RFC 7541, 6.2)
 */
export type Indexing = 'added' | 'once' | 'never'

/** A secret in the table can be guessed by who shares the connection and sees sizes. (RFC 7541, 7.1 and 7.1.3) */
const SECRETS: ReadonlySet<string> = new Set(['cookie', 'set-cookie', 'x-api-key', 'api-key', 'x-csrf-token'])
const SECRET_ENDINGS = ['authorization', '-token', '-secret', '-password']
/** Binary metadata of gRPC: tokens, traces and details of errors, large and different each time. */
const BINARY_ENDING = '-bin'
/** Counts down, so it hardly ever comes twice. */
const TIMEOUT = 'grpc-timeout'
/** What is longer would push too much else out of the table. */
const LONGEST = 256

/** What the field itself allows; whether the table has a place for it is another question. */
export function indexingOf(name: string, value: string): Indexing {
  // First, as it goes with each request.
  if (name === TIMEOUT) return 'once'
  if (name.endsWith(BINARY_ENDING) || SECRETS.has(name)) return 'never'
  for (const ending of SECRET_ENDINGS) if (name.endsWith(ending)) return 'never'
  return name.length + value.length > LONGEST ? 'once' : 'added'
}
