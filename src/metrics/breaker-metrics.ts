import type { BreakerState } from '../guard/breaker.ts'
import type { ScrapedMetric } from './scraped.ts'

/** What is asked of a breaker at the scrape; every `Breaker` has it. */
export interface ScrapedBreaker {
  readonly name: string
  state(): BreakerState
}

/** Ordered by how little gets through, so that a maximum over many sidecars reads as the worst. */
const STATE = { closed: 0, 'half-open': 1, open: 2 } as const

export function breakerMetrics(breakers: () => readonly ScrapedBreaker[]): ScrapedMetric[] {
  return [
    {
      name: 'ringside_breaker_state',
      help: 'The circuit breaker: 0 closed, 1 half-open, 2 open.',
      type: 'gauge',
      samples: () => breakers().map((breaker) => ({ labels: { name: breaker.name }, value: STATE[breaker.state()] })),
    },
  ]
}
