const STEPS = 1 << 16

/**
 * Ranks 0 … n − 1, the one of rank r drawn in proportion to 1 / (r + 1)^s: how requests spread over keys. (Breslau et al.:
 * "Web caching and Zipf-like distributions", INFOCOM 1999; YCSB takes s = 0.99. With s = 0 all are drawn alike.)
 * `uniform` draws from 0 up to 1.
 */
export function zipf(n: number, s: number, uniform: () => number): () => number {
  const weights = Array.from({ length: n }, (_, rank) => 1 / (rank + 1) ** s)
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  // Drawing is one look at a table: the load costs little beside the server.
  const table = new Uint32Array(STEPS)
  let [rank, upTo] = [0, weights[0]! / whole]
  for (let step = 0; step < STEPS; step += 1) {
    while ((step + 0.5) / STEPS > upTo && rank < n - 1) upTo += weights[++rank]! / whole
    table[step] = rank
  }
  return () => table[Math.floor(uniform() * STEPS)] as number
}
