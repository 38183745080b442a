import { RingsideError } from '../base/errors.ts'
import { quoted } from '../base/quoted.ts'
import { NAME_ADVICE, NAME_PATTERN } from './name.ts'
import { keyPrefix } from './physical-key.ts'
import type { KeyspacePolicy } from './policy.ts'
import { tenantFlaw } from './tenant-check.ts'

/** Where the keys of one tenant of a keyspace are. */
export interface Place {
  readonly policy: KeyspacePolicy
  /** A key's name in every tier is this and the key, encoded. */
  readonly prefix: string
}

/** What the keys of one keyspace begin with. */
export interface Space {
  readonly policy: KeyspacePolicy
  readonly version: number
  /** Versions beside it by which somebody may read. */
  readonly others: readonly number[]
  /** Of every version by which anybody may read. */
  readonly prefixes: readonly string[]
  readonly prefix: string
  /** Places made beforehand: of the tenants that the policy lists, and of `''` where a key may lack one. */
  readonly places: ReadonlyMap<string, Place>
}

/** Throws `CONFIG_INVALID` for a name that would let keys out of their namespace. */
export function spaceOf(env: string, policy: KeyspacePolicy, version: number, others: readonly number[]): Space {
  checkName('keyspace', policy.name)
  const [prefix, ...rest] = [version, ...others].map((one) => keyPrefix({ env, keyspace: policy.name, version: one }))
  const first = prefix as string
  return { policy, version, others, prefix: first, prefixes: [first, ...rest], places: places(policy, first) }
}

/** What the keys of a tenant begin with. Throws `TENANT_INVALID`. */
export function tenantPrefix({ policy, prefix }: Space, tenant: string): string {
  const flaw = tenantFlaw(policy.tenants, tenant)
  if (flaw === undefined) return `${prefix}${tenant}:`
  const keyspace = policy.name
  throw new RingsideError('TENANT_INVALID', `keyspace ${keyspace}: ${flaw}`, { metadata: { keyspace } })
}

export function checkName(what: string, name: string): void {
  if (NAME_PATTERN.test(name)) return
  throw new RingsideError('CONFIG_INVALID', `${what} name ${quoted(name)} is not allowed; it has ${NAME_ADVICE}`)
}

function places(policy: KeyspacePolicy, prefix: string): ReadonlyMap<string, Place> {
  const { tenants } = policy
  if (tenants === 'required') return new Map()
  if (typeof tenants === 'string') return new Map([['', { policy, prefix: `${prefix}:` }]])
  for (const tenant of tenants) checkName('tenant', tenant)
  return new Map(tenants.map((tenant) => [tenant, { policy, prefix: `${prefix}${tenant}:` }]))
}
