import { Metadata, type MetadataValue } from '@grpc/grpc-js'

/** Fields that are the protocol's own, and no metadata. */
const RESERVED = new Set([
  'content-type',
  'te',
  'grpc-timeout',
  'grpc-encoding',
  'grpc-accept-encoding',
  'grpc-status',
  'grpc-message',
  'content-length',
])

/** Header fields as the application sees them: without those of the protocol, `-bin` values decoded. */
export function metadataOf(fields: readonly string[]): Metadata {
  const metadata = new Metadata()
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string
    const value = fields[at + 1] as string
    if (name.charCodeAt(0) === 0x3a || RESERVED.has(name)) continue
    // Some join equal names with commas, which base64 does not have.
    if (name.endsWith('-bin')) for (const part of value.split(',')) metadata.add(name, Buffer.from(part, 'base64'))
    else metadata.add(name, value)
  }
  return metadata
}

/** Metadata as header fields; base64 without padding, as gRPC asks for. */
export function fieldsOf(metadata: Metadata): string[] {
  const fields: string[] = []
  for (const name of Object.keys(metadata.getMap())) {
    if (RESERVED.has(name)) continue
    for (const value of metadata.get(name)) fields.push(name, textOf(value))
  }
  return fields
}

function textOf(value: MetadataValue): string {
  return typeof value === 'string' ? value : value.toString('base64').replace(/=+$/, '')
}
