/** Where a key lives, and thereby everything that keeps it apart from others. */
export interface KeyHome {
  readonly env: string
  readonly keyspace: string
  readonly version: number
}

/**
 * Names in the shared tier are `env:keyspace:vN:tenant:key`. The first four parts contain neither `:` nor `~` (they
 * are checked against `NAME_PATTERN`) and the key comes last, so different parts never make the same name.
 */
export function keyPrefix(home: KeyHome): string {
  return `${home.env}:${home.keyspace}:v${home.version}:`
}

/** The keyspace to which a name belongs: that of a key, of a copy, or of the record of a tag. */
export function keyspaceIn(name: string): string {
  const keyspaceAt = name.indexOf(':') + 1
  return name.slice(keyspaceAt, name.indexOf(':', keyspaceAt))
}

const RESERVED = /[%{}]/g

/**
 * The key as it stands in a physical key: braces are percent-encoded, so that no key chooses its Redis Cluster slot,
 * and so is `%`, so that no two keys become the same.
 */
export function encodeKey(key: string): string {
  return key.replace(RESERVED, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The key that `encodeKey` was given. */
export function decodeKey(encoded: string): string {
  return encoded.replace(/%(25|7B|7D)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

/** The name of the lock under which one sidecar refreshes `physicalKey`: `env:keyspace:vN:~r:tenant:key`. */
export function refreshLockName(physicalKey: string): string {
  return besides(physicalKey, 'r')
}

/**
 * The name of copy `number` of a key, from 1: `env:keyspace:vN:~c1:tenant:key`; where a name decides where a copy lies,
 * there is one for each `choice`: `~c1.0`, `~c1.1`, …
 */
export function copyName(physicalKey: string, number: number, choice?: number): string {
  return besides(physicalKey, choice === undefined ? `c${number}` : `c${number}.${choice}`)
}

/** The name of the record of a tag, of the tenant and keyspace of `physicalKey`: `env:keyspace:vN:~t:tenant:tag`. */
export function tagName(physicalKey: string, tag: string): string {
  const tenantAt = tenantPlace(physicalKey)
  const keyAt = physicalKey.indexOf(':', tenantAt) + 1
  return `${physicalKey.slice(0, tenantAt)}${TAG}${physicalKey.slice(tenantAt, keyAt)}${encodeKey(tag)}`
}

export function isTagName(name: string): boolean {
  return name.startsWith(TAG, tenantPlace(name))
}

const TAG = '~t:'

/**
 * The name of the record of a lock: `env:~lock:{tenant:name}`. No keyspace begins with `~`, and the braces keep all that
 * belongs to one lock in one slot of a Redis Cluster.
 */
export function lockName(env: string, tenant: string, name: string): string {
  return `${env}:~lock:{${tenant}:${encodeKey(name)}}`
}

/** The name under which the fleet does something one at a time: `env:~errand:{what}`, like that of a lock. */
export function errandName(env: string, what: string): string {
  return `${env}:~errand:{${encodeKey(what)}}`
}

/** The name of the mark that a keyspace has been warmed: `env:~warmed:{keyspace:vN}`. */
export function warmedName(env: string, keyspace: string, version: number): string {
  return `${env}:~warmed:{${keyspace}:v${version}}`
}

/** A name that belongs to a key and that no key can have: neither keyspaces nor tenants have a `~`. */
function besides(physicalKey: string, what: string): string {
  const tenantAt = tenantPlace(physicalKey)
  return `${physicalKey.slice(0, tenantAt)}~${what}:${physicalKey.slice(tenantAt)}`
}

/** Where the tenant begins: behind environment, keyspace and version. */
function tenantPlace(physicalKey: string): number {
  const keyspaceAt = physicalKey.indexOf(':') + 1
  const versionAt = physicalKey.indexOf(':', keyspaceAt) + 1
  return physicalKey.indexOf(':', versionAt) + 1
}
