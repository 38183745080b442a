import { Metadata } from '@grpc/grpc-js'
import { RingsideCallError } from './ringside-call-error.ts'

/** Within the 64 characters that a sidecar keeps of a name, without what metadata cannot carry, or loses at its ends. */
const NAME = /^(?! )[ -~]{1,64}(?<! )$/

/** What every call of a named caller carries. Throws `ARGUMENT_INVALID` for a name that cannot travel as it is. */
export function metadataOf(caller: string | undefined): Metadata | undefined {
  if (caller === undefined) return undefined
  if (!NAME.test(caller)) {
    const wrong = `is ${JSON.stringify(caller.slice(0, 80))}; name 1 to 64 printable ASCII characters, none of the outer ones a space`
    throw RingsideCallError.invalid('caller', wrong)
  }
  const metadata = new Metadata()
  metadata.set('ringside-caller', caller)
  return metadata
}
