import { type Logger, pino } from 'pino'
import type { Log } from '../base/log.ts'

/** What is logged as JSON lines on standard output. */
export interface ProcessLog {
  readonly log: Log
  /** Changes the least important level that is logged. */
  readonly setLevel: (level: string) => void
}

export function processLog(level: string): ProcessLog {
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
  return {
    log: adapted(log),
    setLevel: (changed) => {
      log.level = changed
    },
  }
}

function adapted(log: Logger): Log {
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  }
}
