import { z } from 'zod'
import { choice } from '../scalars.ts'

export const logSection = z.strictObject({
  level: choice(['debug', 'info', 'warn', 'error'])
    .prefault('info')
    .describe('The least important level that is logged.'),
})

export type LogConfig = Readonly<z.output<typeof logSection>>
