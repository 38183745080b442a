import { Registry } from 'prom-client'
import type { Metrics } from './metrics.ts'
import { registerScraped, type ScrapedMetric } from './scraped.ts'

/** What is asked at the scrape of an injector. */
export interface ScrapedInjector {
  readonly reviews: () => Iterable<{ readonly outcome: string; readonly reason: string; readonly count: number }>
  /** Until the certificate that is served expires; `undefined` while none is. */
  readonly expiresInMs: () => number | undefined
  readonly isLeader: () => boolean
  /** What of the certificates has gone wrong last. */
  readonly problems: () => readonly string[]
}

/** Outcomes of pods that had asked, or whose namespace had, and got none. */
const ASKED_FOR_NOTHING = new Set(['not-a-pod', 'not-asked', 'opted-out', 'already-injected', 'mirror-pod'])

/** The metrics of an injector, listed in `docs/kubernetes.md`. */
export function createInjectorMetrics(injector: ScrapedInjector): Metrics {
  const registry = new Registry()
  registerScraped(registry, injectorMetrics(injector))
  return { contentType: registry.contentType, render: () => registry.metrics() }
}

function injectorMetrics({ reviews, expiresInMs, isLeader, problems }: ScrapedInjector): ScrapedMetric[] {
  return [
    {
      name: 'ringside_injector_reviews_total',
      help: 'Pods that were asked about, by what became of them.',
      type: 'counter',
      samples: () =>
        [...reviews()].map(({ outcome, reason, count }) => ({ labels: { outcome, reason }, value: count })),
    },
    {
      name: 'ringside_injector_not_injected_total',
      help: 'Pods that had opted in and got no sidecar.',
      type: 'counter',
      samples: () => [{ labels: {}, value: notInjected(reviews()) }],
    },
    {
      name: 'ringside_injector_certificate_expiry_seconds',
      help: 'Until the certificate that is served expires.',
      type: 'gauge',
      samples: () => {
        const ms = expiresInMs()
        return ms === undefined ? [] : [{ labels: {}, value: ms / 1_000 }]
      },
    },
    {
      name: 'ringside_injector_certificate_problems',
      help: 'What keeps certificates from being kept; 0 while all is well.',
      type: 'gauge',
      samples: () => [{ labels: {}, value: problems().length }],
    },
    {
      name: 'ringside_injector_leader',
      help: '1 for the replica that keeps the certificates, else 0.',
      type: 'gauge',
      samples: () => [{ labels: {}, value: isLeader() ? 1 : 0 }],
    },
  ]
}

function notInjected(reviews: ReturnType<ScrapedInjector['reviews']>): number {
  let sum = 0
  for (const { outcome, reason, count } of reviews) {
    if (outcome !== 'injected' && !ASKED_FOR_NOTHING.has(reason)) sum += count
  }
  return sum
}
