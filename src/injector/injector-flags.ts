import { parseArgs } from 'node:util'
import { type Address, parseAddress } from '../base/address.ts'
import type { WantedMode } from './mode.ts'

/** How an injector is started. */
export interface InjectorFlags {
  readonly listen: Address
  readonly http: Address
  readonly image: string
  readonly mode: WantedMode
  /** Folder of a certificate that somebody else keeps; `undefined` = the injectors keep their own. */
  readonly certs: string | undefined
}

const MODES: readonly WantedMode[] = ['auto', 'native', 'classic']

/** Reads what follows the word `injector`. Throws a `TypeError` for what cannot be understood. */
export function readInjectorFlags(args: readonly string[]): InjectorFlags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      listen: { type: 'string', default: '0.0.0.0:8443' },
      http: { type: 'string', default: '0.0.0.0:8080' },
      image: { type: 'string' },
      mode: { type: 'string', default: 'auto' },
      certs: { type: 'string' },
    },
  })
  const mode = MODES.find((known) => known === values.mode)
  if (mode === undefined) throw new TypeError(`--mode ${values.mode} is not known; write ${MODES.join(', ')}`)
  const { image } = values
  if (image === undefined || image === '') throw new TypeError('--image is missing; name the image of the sidecar')
  return {
    listen: address('--listen', values.listen),
    http: address('--http', values.http),
    image,
    mode,
    certs: values.certs,
  }
}

function address(flag: string, text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new TypeError(`${flag} ${parsed.why}`)
  return parsed.value
}
