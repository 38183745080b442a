const MASK = '***'

// To the last @ there is, so that a password with an @ or a / in it is masked whole.
const CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/[^:@/?#]*):.*@/i
const SECRET_PARAMETER = /([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&#]*/gi

/** A URL as it may be shown: without its password, and without parameters that sound like a secret. */
export function maskUrl(url: string): string {
  return url.replace(CREDENTIALS, `$1:${MASK}@`).replace(SECRET_PARAMETER, `$1${MASK}`)
}
