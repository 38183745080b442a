import { PROTOCOL_ERROR, StreamFault } from './fault.ts'

/** A dependency and a weight (RFC 9113, section 6.3): read, checked, and without effect (section 5.3.2). */
export const PRIORITY_BYTES = 5

export function checkDependency(stream: number, bytes: Buffer, at: number): void {
  if ((bytes.readUInt32BE(at) & 0x7fffffff) !== stream) return
  throw new StreamFault(stream, PROTOCOL_ERROR, 'a stream that depends on itself')
}
