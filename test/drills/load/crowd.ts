/** What everybody wants at once: one key, beside what is asked for anyway. */
export interface Crowd {
  readonly key: number
  /** Of the gets, 0 to 1: how many are for that key. */
  readonly share: number
  /** How often its row changes. */
  readonly changesPerSecond: number
}
