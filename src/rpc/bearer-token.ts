import type { Metadata } from '@grpc/grpc-js'

const SCHEME = /^bearer +(.+)$/i

/** The token that a call came with, as `authorization: Bearer <token>` (RFC 6750); empty = none. */
export function bearerTokenOf(metadata: Metadata): string {
  const [field = ''] = metadata.get('authorization')
  return SCHEME.exec(field.toString().trim())?.[1] ?? ''
}
