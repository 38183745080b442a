import { maskUrl } from '../mask-url.ts'
import type { Path } from '../path.ts'
import type { Report } from '../problem.ts'

/** A node of a cluster by which the others are found. */
export interface SeedConfig {
  readonly url: string
  /** The URL without secrets: for logs and messages. */
  readonly shown: string
}

/** Reports what does not fit a cluster, and a list of seeds where there is none. */
export function reportSeeds(topology: string, seeds: readonly unknown[] | undefined, report: Report): void {
  if (topology !== 'cluster') {
    if (seeds !== undefined) report(['seeds'], 'belongs to `topology: cluster`; remove it')
    return
  }
  if (seeds === undefined) report(['seeds'], 'is missing; list some nodes of the cluster')
  else if (seeds.length === 0) report(['seeds'], 'is empty; list at least one node of the cluster')
  for (const [index, seed] of (seeds ?? []).entries()) if (typeof seed === 'string') reportSeed(seed, index, report)
  const [first, ...others] = (seeds ?? []).map((seed) => (typeof seed === 'string' ? accessOf(seed) : undefined))
  for (const [index, access] of others.entries()) {
    if (first === undefined || access === undefined || access === first) continue
    report(['seeds', index + 1], 'differs from the first in scheme, user or password; all nodes of a cluster are alike')
  }
}

function reportSeed(seed: string, index: number, report: Report): void {
  const { pathname } = new URL(seed)
  if (Number(pathname.slice(1)) !== 0) report(['seeds', index], 'names a database; a cluster has only the first')
}

function accessOf(seed: string): string {
  const { protocol, username, password } = new URL(seed)
  return [protocol, username, password].join(' ')
}

export function seedsConfig(
  seeds: readonly string[],
  maskedAt: (path: Path) => string | undefined,
): readonly SeedConfig[] {
  return seeds.map((url, index) => ({ url, shown: maskUrl(maskedAt(['shards', 'seeds', index]) ?? url) }))
}
