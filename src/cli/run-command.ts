import { systemClock } from '../base/clock.ts'
import { outboxSql, USUAL_OUTBOX } from '../events/outbox-sql.ts'
import { bumped } from './bump.ts'
import { flushed } from './flush.ts'
import { getOnce } from './get.ts'
import { hotReport } from './hot.ts'
import { type AddressFlags, sidecarAddress } from './sidecar-address.ts'
import { waited } from './wait.ts'

export interface CommandFlags extends AddressFlags {
  readonly tenant: string
  readonly json: boolean
}

/**
 * Does what the words of a command line say, most of which ask a running sidecar, and resolves to what is to be printed. Rejects with what the
 * sidecar or gRPC said, and with a `TypeError` for words that make no command.
 */
export async function runCommand(words: readonly string[], flags: CommandFlags): Promise<string> {
  const [command, first, second] = words
  const at = sidecarAddress(flags, process.env)
  if (command === 'get' && words.length === 3) {
    return `${await getOnce({ keyspace: first!, key: second!, tenant: flags.tenant, at })}\n`
  }
  if (command === 'hot' && words.length <= 2) {
    return `${await hotReport({ keyspace: first ?? '', json: flags.json, at }, systemClock.wall())}\n`
  }
  if (command === 'outbox-sql' && words.length === 1) return outboxSql(USUAL_OUTBOX)
  if (command === 'flush' && words.length === 2) return `${await flushed(first!, at)}\n`
  if (command === 'bump' && words.length === 2) return `${await bumped(first!, at)}\n`
  if (command === 'wait' && words.length === 1) return waited(at.address, systemClock)
  throw new TypeError(`cannot understand: ${words.join(' ')}`)
}
