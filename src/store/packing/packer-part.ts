import { Packer, type PackerParts } from './packer.ts'

/** What a shard is given of compression. */
export interface PackerPart {
  /** Makes values smaller, and whole again; one of its own unless given. */
  readonly packer?: Packer | undefined
}

/** What a configuration allows unless it says otherwise. */
const MOST_VALUE_BYTES = 4 << 20

export function packerIn({ packer, ...parts }: PackerPart & PackerParts): Packer {
  return packer ?? new Packer({ maxValueBytes: MOST_VALUE_BYTES }, parts)
}
