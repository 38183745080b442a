/** How environments, keyspaces and tenants may be named: nothing that has a meaning inside a physical key. */
export const NAME_PATTERN = /^[A-Za-z0-9._-]{1,64}$/

/** What `NAME_PATTERN` admits, as the end of a sentence. */
export const NAME_ADVICE = '1 to 64 characters of A-Z a-z 0-9 . _ -'
