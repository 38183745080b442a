import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { flag, text } from '../scalars.ts'

export const adminSection = z.strictObject({
  tokenFile: text('the path of a file', {}, (path) => !path.includes('\0'))
    .prefault('')
    .describe(
      "File with the token for calls of Admin that change something over TCP; relative to the configuration's own folder. Empty = they are served on the Unix socket only.",
    ),
  flush: flag().prefault(false).describe('Whether `Admin.Flush` may empty the shared tier of this environment.'),
})

export interface AdminConfig {
  /** Absolute where the configuration's own place is known; `undefined` = there is none. */
  readonly tokenFile: string | undefined
  /** Whether the environment may be flushed. */
  readonly flush: boolean
}

export function adminConfig(
  { tokenFile, flush }: z.output<typeof adminSection>,
  file: string | undefined,
): AdminConfig {
  if (tokenFile === '') return { tokenFile: undefined, flush }
  return { tokenFile: file === undefined ? tokenFile : resolve(dirname(file), tokenFile), flush }
}

export function describeAdmin({ tokenFile = '', flush }: AdminConfig): object {
  return { tokenFile, flush }
}
