import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { formatSize } from '../../base/size.ts'
import { size, text } from '../scalars.ts'

export const journalSection = z.strictObject({
  path: text('the path of a folder', {}, (path) => path !== '' && !path.includes('\0')).describe(
    "Folder of this sidecar's own, which survives its restarts; relative to the configuration's own folder.",
  ),
  maxBytes: size({ min: '4KiB', max: '1GiB' })
    .prefault('64MiB')
    .describe('Most bytes for one shard; beyond them everything in that shard is invalidated instead of single keys.'),
})

export interface JournalConfig {
  /** Absolute where the configuration's own place is known. */
  readonly path: string
  readonly maxBytes: number
}

export function journalConfig(
  fields: z.output<typeof journalSection> | undefined,
  file: string | undefined,
): JournalConfig | undefined {
  if (fields === undefined) return undefined
  const { path, maxBytes } = fields
  return { path: file === undefined ? path : resolve(dirname(file), path), maxBytes }
}

export function describeJournal({ path, maxBytes }: JournalConfig): object {
  return { path, maxBytes: formatSize(maxBytes) }
}
