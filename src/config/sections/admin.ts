import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { flag, text } from '../scalars.ts'

export const adminSection = z.strictObject({
  tokenFile: text('the path of a file', {}, (path) => !path.includes('\0'))
    .prefault('')
    .describe(
      "File with the token for calls of Admin that change something over TCP; relative to the configuration's own folder. Empty = they are served on the Unix socket only.",
    ),
  flush: flag().prefault(false).describe('Whether a keyspace may be flushed. Only false for now.'),
})

export interface AdminConfig {
  /** Absolute where the configuration's own place is known; `undefined` = there is none. */
  readonly tokenFile: string | undefined
}

export function adminConfig({ tokenFile }: z.output<typeof adminSection>, file: string | undefined): AdminConfig {
  if (tokenFile === '') return { tokenFile: undefined }
  return { tokenFile: file === undefined ? tokenFile : resolve(dirname(file), tokenFile) }
}

export function describeAdmin({ tokenFile = '' }: AdminConfig): object {
  return { tokenFile }
}
