import { quoted } from '../base/quoted.ts'
import { NAME_ADVICE, NAME_PATTERN } from './name.ts'
import type { TenantPolicy } from './policy.ts'

/** What is wrong with the tenant a request names (empty = none), as a sentence; `undefined` if nothing is. */
export function tenantFlaw(policy: TenantPolicy, tenant: string): string | undefined {
  if (tenant === '') {
    if (policy === 'none' || policy === 'optional') return undefined
    return policy === 'required' ? 'a tenant is required; name one' : `a tenant is required; ${oneOf(policy)}`
  }
  if (policy === 'none') return 'the keyspace has no tenants; leave the tenant empty'
  if (!NAME_PATTERN.test(tenant)) return `tenant ${quoted(tenant)} is not allowed; a tenant has ${NAME_ADVICE}`
  if (typeof policy === 'string' || policy.includes(tenant)) return undefined
  return `tenant ${quoted(tenant)} is unknown; ${oneOf(policy)}`
}

// The tenants of others are nobody's business: only how many there are is told.
function oneOf(tenants: readonly string[]): string {
  return `name one of the ${tenants.length} that the configuration lists`
}
