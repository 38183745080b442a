/** A header block that breaks RFC 7541: the table is out of step from here on, so the connection has to end. */
export class HpackError extends Error {
  override readonly name = 'HpackError'
}
