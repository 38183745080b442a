import { RingsideError } from '../base/errors.ts'
import { quoted } from '../base/quoted.ts'
import { KEY_LIMIT_BYTES, textFlaw } from '../keyspace/key-check.ts'
import { NAME_ADVICE, NAME_PATTERN } from '../keyspace/name.ts'
import { lockName } from '../keyspace/physical-key.ts'

export interface LockName {
  readonly name: string
  /** Empty = none. */
  readonly tenant: string
}

/** The lock's name in the shared tier. Throws `KEY_INVALID` or `TENANT_INVALID`. */
export function lockNamed(env: string, { name, tenant }: LockName): string {
  const flaw = textFlaw(name, 'lock name', KEY_LIMIT_BYTES)
  if (flaw !== undefined) throw new RingsideError('KEY_INVALID', `lock ${quoted(name)} ${flaw}`)
  if (tenant !== '' && !NAME_PATTERN.test(tenant)) {
    throw new RingsideError('TENANT_INVALID', `tenant ${quoted(tenant)} is not allowed; a tenant has ${NAME_ADVICE}`)
  }
  return lockName(env, tenant, name)
}
