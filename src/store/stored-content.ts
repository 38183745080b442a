import type { Packed } from './packing/packed.ts'
import type { Content } from './shard.ts'

/** Content as a server is given it. */
export interface StoredContent extends Omit<Content, 'compress'> {
  /** How the value is compressed, if it is. */
  readonly packed?: Packed | undefined
}
