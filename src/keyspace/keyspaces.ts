import { RingsideError } from '../base/errors.ts'
import { byLikeness } from '../base/nearest.ts'
import { quoted } from '../base/quoted.ts'
import { keyFlaw, PLAIN_KEY } from './key-check.ts'
import { keyPatternText } from './key-pattern.ts'
import { decodeKey, encodeKey, keyPrefix, tagName } from './physical-key.ts'
import type { KeyspacePolicy } from './policy.ts'
import { checkName, type Place, type Space, spaceOf, tenantPrefix } from './space.ts'
import { checkTag, type TagOf } from './tag-check.ts'
import { tenantFlaw } from './tenant-check.ts'

export interface KeyspacesOptions {
  /** The environment's name, which keeps its keys apart from those of others on the same shards. */
  readonly env: string
  readonly policies: readonly KeyspacePolicy[]
}

export interface KeyName {
  readonly keyspace: string
  readonly key: string
  /** Empty = none. */
  readonly tenant: string
}

export interface ResolvedKey {
  readonly policy: KeyspacePolicy
  /** The key's name in every tier. */
  readonly physicalKey: string
}

/** A key by the name that it has in every tier. */
export interface NamedKey extends Omit<KeyName, 'keyspace'> {
  readonly policy: KeyspacePolicy
}

/** How far the fleet has moved a keyspace, whatever the configuration says. */
export interface MovedKeyspace {
  /** By this version its keys are read, if the configured one is not larger. */
  readonly inForce: number
  /** The largest in which keys have to be changed. */
  readonly announced: number
  /** Some may still read by this one. */
  readonly oldest: number
  /** Some may still read by the configured one. */
  readonly isUnknownToSome: boolean
}

/** What else a key is called. */
export interface OtherNames {
  readonly policy: KeyspacePolicy
  readonly names: readonly string[]
}

const NAMES_SHOWN = 10

/** The keyspaces of one environment: where a request's key lives and which rules it is under. */
export class Keyspaces {
  readonly #env: string
  readonly #spaces = new Map<string, Space>()

  /** Throws `CONFIG_INVALID` for a name that would let keys out of their namespace. */
  constructor(options: KeyspacesOptions) {
    checkName('environment', options.env)
    this.#env = options.env
    for (const policy of options.policies) {
      this.#spaces.set(policy.name, spaceOf(this.#env, policy, policy.version, []))
    }
  }

  /**
   * Goes by these policies from now on, which differ from those before in rules that each request is judged by: a key keeps
   * its name. Keyspaces may come, and go; of those that come, the fleet's versions are still to be told (`move`).
   */
  take(policies: readonly KeyspacePolicy[]): void {
    const names = new Set(policies.map(({ name }) => name))
    for (const name of this.#spaces.keys()) if (!names.has(name)) this.#spaces.delete(name)
    for (const policy of policies) {
      const { version, others } = this.#spaces.get(policy.name) ?? { version: policy.version, others: [] }
      this.#spaces.set(policy.name, spaceOf(this.#env, policy, version, others))
    }
  }

  /** Goes by the version that the fleet has moved a keyspace to from now on, where that is larger than the configured one. */
  move(keyspace: string, moved: MovedKeyspace): void {
    const space = this.#spaces.get(keyspace)
    if (space === undefined) return
    const { policy } = space
    const version = Math.max(policy.version, moved.inForce)
    const others = versionsBeside(version, policy.version, moved)
    const isSame = space.version === version && others.length + 1 === space.prefixes.length
    if (isSame && others.every((other) => space.prefixes.includes(this.#prefix(policy, other)))) return
    this.#spaces.set(keyspace, spaceOf(this.#env, policy, version, others))
  }

  /** The version by which a keyspace is read. Throws `KEYSPACE_UNKNOWN`. */
  version(keyspace: string): number {
    const space = this.#spaces.get(keyspace)
    if (space === undefined) throw this.#unknown(keyspace)
    return space.version
  }

  /**
   * The other names under which anybody may read a key: a change of it counts when it was made there too. None for a
   * counter, which is no copy of anything: what is added to it while its keyspace moves stays behind.
   */
  besides(physicalKey: string): OtherNames | undefined {
    const keyspaceAt = physicalKey.indexOf(':') + 1
    const versionAt = physicalKey.indexOf(':', keyspaceAt) + 1
    const space = this.#spaces.get(physicalKey.slice(keyspaceAt, versionAt - 1))
    if (space === undefined || space.policy.kind === 'counter') return undefined
    if (space.prefixes.length === 1 && physicalKey.startsWith(space.prefix)) return undefined
    const rest = physicalKey.slice(physicalKey.indexOf(':', versionAt) + 1)
    const names = space.prefixes.map((prefix) => prefix + rest).filter((name) => name !== physicalKey)
    return { policy: space.policy, names }
  }

  /** Whether anything is still read under this name. */
  isCurrent(physicalKey: string): boolean {
    const keyspaceAt = physicalKey.indexOf(':') + 1
    const space = this.#spaces.get(physicalKey.slice(keyspaceAt, physicalKey.indexOf(':', keyspaceAt)))
    return space !== undefined && physicalKey.startsWith(space.prefix)
  }

  has(keyspace: string): boolean {
    return this.#spaces.has(keyspace)
  }

  get policies(): readonly KeyspacePolicy[] {
    return [...this.#spaces.values()].map((space) => space.policy)
  }

  /**
   * Checks a request's key and says where it lives. On the path of every hit: a plain key costs one test and one
   * concatenation (and its keyspace's own pattern). Throws `KEYSPACE_UNKNOWN`, `KEY_INVALID` or `TENANT_INVALID`.
   */
  resolve(name: KeyName): ResolvedKey {
    const space = this.#spaces.get(name.keyspace)
    if (space === undefined) throw this.#unknown(name.keyspace)
    const prefix = space.places.get(name.tenant)?.prefix ?? tenantPrefix(space, name.tenant)
    const suffix = PLAIN_KEY.test(name.key) ? name.key : checkedKey(space.policy, name.key)
    const pattern = space.policy.keyPattern
    if (pattern !== undefined && !pattern.test(name.key)) throw unmatched(space.policy, pattern, name.key)
    return { policy: space.policy, physicalKey: prefix + suffix }
  }

  /** The same for a tag and the name of its record; throws `ARGUMENT_INVALID` for one that is none. */
  resolveTag({ keyspace, tenant, tag }: TagOf): ResolvedKey {
    const space = this.#spaces.get(keyspace)
    if (space === undefined) throw this.#unknown(keyspace)
    const prefix = space.places.get(tenant)?.prefix ?? tenantPrefix(space, tenant)
    checkTag(keyspace, tag)
    return { policy: space.policy, physicalKey: tagName(prefix, tag) }
  }

  /** Throws `KEYSPACE_UNKNOWN` for the name of none. */
  policy(keyspace: string): KeyspacePolicy {
    const space = this.#spaces.get(keyspace)
    if (space === undefined) throw this.#unknown(keyspace)
    return space.policy
  }

  /** What a key begins with in every tier; `undefined` where `resolve` throws because of the keyspace or the tenant. */
  place(keyspace: string, tenant: string): Place | undefined {
    const space = this.#spaces.get(keyspace)
    if (space === undefined) return undefined
    const known = space.places.get(tenant)
    if (known !== undefined) return known
    if (tenantFlaw(space.policy.tenants, tenant) !== undefined) return undefined
    return { policy: space.policy, prefix: `${space.prefix}${tenant}:` }
  }

  /** Whose key has this name in every tier; `undefined` for one of no keyspace, of another version, and for no key's name. */
  named(physicalKey: string): NamedKey | undefined {
    const keyspaceAt = physicalKey.indexOf(':') + 1
    const space = this.#spaces.get(physicalKey.slice(keyspaceAt, physicalKey.indexOf(':', keyspaceAt)))
    if (space === undefined || !physicalKey.startsWith(space.prefix)) return undefined
    const rest = physicalKey.slice(space.prefix.length)
    const keyAt = rest.indexOf(':') + 1
    if (keyAt === 0 || rest.startsWith('~')) return undefined
    return { policy: space.policy, tenant: rest.slice(0, keyAt - 1), key: decodeKey(rest.slice(keyAt)) }
  }

  #prefix({ name: keyspace }: KeyspacePolicy, version: number): string {
    return keyPrefix({ env: this.#env, keyspace, version })
  }

  #unknown(keyspace: string): RingsideError {
    const names = byLikeness(keyspace, [...this.#spaces.keys()])
    const shown = names.slice(0, NAMES_SHOWN).join(', ')
    const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : ''
    const known = names.length === 0 ? 'the configuration has none' : `known: ${shown}${more}`
    return new RingsideError('KEYSPACE_UNKNOWN', `keyspace ${quoted(keyspace)} is not configured; ${known}`)
  }
}

/** All versions other than the one read by here by which anybody may read, or will. */
function versionsBeside(
  version: number,
  configured: number,
  { announced, oldest, isUnknownToSome }: MovedKeyspace,
): readonly number[] {
  const last = Math.max(version, announced)
  const first = Math.min(version, Math.max(configured, oldest))
  const others = Array.from({ length: last - first + 1 }, (_, place) => first + place)
  if (isUnknownToSome && configured < first) others.push(configured)
  return others.filter((one) => one !== version)
}

function checkedKey(policy: KeyspacePolicy, key: string): string {
  const flaw = keyFlaw(key)
  if (flaw !== undefined) throw invalidKey(policy, key, flaw)
  return encodeKey(key)
}

function unmatched(policy: KeyspacePolicy, pattern: RegExp, key: string): RingsideError {
  return invalidKey(policy, key, `does not match the keyspace's pattern ${keyPatternText(pattern)}`)
}

function invalidKey(policy: KeyspacePolicy, key: string, flaw: string): RingsideError {
  const message = `keyspace ${policy.name}: key ${quoted(key)} ${flaw}`
  return new RingsideError('KEY_INVALID', message, { metadata: { keyspace: policy.name } })
}
