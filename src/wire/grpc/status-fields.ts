import type { Metadata } from '@grpc/grpc-js'
import { fieldsOf } from './metadata-fields.ts'

/** How a call ended. */
export interface Status {
  readonly code: number
  readonly details: string
  readonly metadata?: Metadata | undefined
}

/** A status as trailers (gRPC over HTTP/2, Responses). */
export function statusFields({ code, details, metadata }: Status): string[] {
  const fields = ['grpc-status', String(code)]
  if (details !== '') fields.push('grpc-message', percentEncoded(details))
  if (metadata !== undefined) fields.push(...fieldsOf(metadata))
  return fields
}

const NEEDS_ENCODING = /[^\x20-\x24\x26-\x7e]/

/** Printable ASCII but `%` stands for itself; every other byte of the UTF-8 is written as %XX. */
export function percentEncoded(text: string): string {
  if (!NEEDS_ENCODING.test(text)) return text
  let encoded = ''
  for (const byte of Buffer.from(text)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}

/** What is not a valid escape stands for itself. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text
  const bytes = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
