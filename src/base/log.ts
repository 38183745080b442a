/** A structured log. `fields` never carry a value or a secret. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
}
