import type { Cluster, TorturedShard } from './cluster.ts'
import type { ModelOrigin } from './model-origin.ts'
import type { SeededChance } from './seeded-chance.ts'
import type { SidecarProcess } from './sidecar-process.ts'
import type { Witness } from './witness.ts'

/** What faults are done to, and how long they may last. */
export interface World {
  readonly cluster: Cluster
  readonly origin: ModelOrigin
  readonly witness: Witness
  readonly chance: SeededChance
  readonly longestMs: number
}

/** Something bad that happens to one part, and its end. `false`: the part had nothing that it could happen to. */
export type Fault =
  | { readonly name: string; readonly to: 'shard'; inflict(shard: TorturedShard, world: World): Promise<boolean> }
  | { readonly name: string; readonly to: 'sidecar'; inflict(sidecar: SidecarProcess, world: World): Promise<boolean> }
  | { readonly name: string; readonly to: 'origin'; inflict(origin: ModelOrigin, world: World): Promise<boolean> }

/** A time between the two, and no longer than anything may last here. */
export function lasting({ chance, longestMs }: World, fromMs: number, toMs: number): number {
  return chance.between(Math.min(fromMs, longestMs), Math.min(toMs, longestMs))
}
