import { z } from 'zod'
import { flag, text } from '../scalars.ts'

export const adminSection = z.strictObject({
  tokenFile: text('text', {}, () => true)
    .prefault('')
    .describe('File with the token for calls of Admin over TCP. Only empty for now.'),
  flush: flag().prefault(false).describe('Whether a keyspace may be flushed. Only false for now.'),
})
