import { readFileSync } from 'node:fs'
import { defaultTarget } from '../client/target.ts'

/** How the command line reaches a sidecar. */
export interface SidecarAddress {
  /** `host:port` or `unix:path`. */
  readonly address: string
  /** What it shows to be let in where something is changed; empty = nothing. */
  readonly token: string
}

export interface AddressFlags {
  readonly address?: string | undefined
  readonly 'token-file'?: string | undefined
}

/** By flags, else by RINGSIDE_SOCKET, RINGSIDE_ADDR and RINGSIDE_TOKEN_FILE. Throws when the file cannot be read. */
export function sidecarAddress(flags: AddressFlags, env: NodeJS.ProcessEnv): SidecarAddress {
  const { address = defaultTarget(env), 'token-file': file = env.RINGSIDE_TOKEN_FILE ?? '' } = flags
  const [token = ''] = file === '' ? [] : readFileSync(file, 'utf8').split('\n', 1)
  return { address, token: token.trim() }
}
