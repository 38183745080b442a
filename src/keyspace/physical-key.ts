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

const RESERVED = /[%{}]/g

/**
 * The key as it stands in a physical key: braces are percent-encoded, so that no key chooses its Redis Cluster slot,
 * and so is `%`, so that no two keys become the same.
 */
export function encodeKey(key: string): string {
  return key.replace(RESERVED, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The name of the lock under which one sidecar refreshes `physicalKey`: `env:keyspace:vN:~r:tenant:key`. */
export function refreshLockName(physicalKey: string): string {
  const keyspaceAt = physicalKey.indexOf(':') + 1
  const versionAt = physicalKey.indexOf(':', keyspaceAt) + 1
  const tenantAt = physicalKey.indexOf(':', versionAt) + 1
  return `${physicalKey.slice(0, tenantAt)}~r:${physicalKey.slice(tenantAt)}`
}
