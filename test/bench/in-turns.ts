import { median } from './run.ts'

/** The two sides of one comparison, each measured once. */
export type Pair<Measured> = readonly [ours: () => Promise<Measured>, peer: () => Promise<Measured>]

export interface Paired<Measured> {
  readonly ours: readonly Measured[]
  readonly peers: readonly Measured[]
}

/** Runs pairs one after the other, so that what disturbs the machine disturbs both sides; who goes first changes. */
export async function inTurns<Measured>(
  name: string,
  rounds: number,
  pair: () => Pair<Measured>,
): Promise<Paired<Measured>> {
  const [ours, peers]: [Measured[], Measured[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    process.stderr.write(`${name}, round ${round + 1} of ${rounds}\n`)
    const [our, peer] = pair()
    if (round % 2 === 1) peers.push(await peer())
    ours.push(await our())
    if (round % 2 === 0) peers.push(await peer())
  }
  return { ours, peers }
}

/** The median of the pairs' ratios, ours to the peer's. */
export function ratioOf<Measured>({ ours, peers }: Paired<Measured>, of: (measured: Measured) => number): number {
  return median(ours.map((our, round) => of(our) / of(peers[round] as Measured)))
}

/** The median of one side, as text. */
export function midOf<Measured>(side: readonly Measured[], of: (measured: Measured) => number, digits = 0): string {
  return median(side.map(of)).toFixed(digits)
}
