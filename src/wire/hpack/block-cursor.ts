const NOTHING = Buffer.alloc(0)

/** Where a reader is in one header block. */
export class BlockCursor {
  bytes: Buffer = NOTHING
  at = 0
  end = 0

  open(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes
    this.at = start
    this.end = end
  }

  /** Lets go of the bytes, so that an idle connection doesn't keep what it read last. */
  close(): void {
    this.bytes = NOTHING
    this.at = 0
    this.end = 0
  }
}
