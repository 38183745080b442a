import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ANNOTATIONS } from '../../src/injector/annotations.ts'
import { SKIP_REASONS } from '../../src/injector/review.ts'
import { createInjectorMetrics } from '../../src/metrics/injector-metrics.ts'

const docs = readFileSync('docs/kubernetes.md', 'utf8')

/** The rows of the table under a heading, each cell without its quotes. */
function rows(heading: string): string[][] {
  const section = docs.split(/^##+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('| `'))
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const unquoted = (cell: string | undefined) => cell?.replaceAll('`', '')

describe('docs/kubernetes.md', () => {
  it('lists exactly the annotations there are, with their defaults', () => {
    const listed = rows('Annotations').map(([name, , usual]) => [
      unquoted(name)?.replace('ringside.dev/', ''),
      usual?.startsWith('–') ? undefined : unquoted(usual),
    ])
    expect(listed).toEqual(Object.entries(ANNOTATIONS).map(([name, { usual }]) => [name, usual]))
  })

  it('lists exactly the reasons for which a pod gets no sidecar', () => {
    const listed = rows('Pods that get none').map(([reason]) => unquoted(reason))
    expect(listed.sort()).toEqual([...SKIP_REASONS].sort())
  })

  it('lists exactly the metrics of an injector, with types and labels', async () => {
    const metrics = createInjectorMetrics({
      reviews: () => [
        { outcome: 'skipped', reason: 'host-network', count: 3 },
        { outcome: 'skipped', reason: 'opted-out', count: 4 },
      ],
      expiresInMs: () => 5_000,
      isLeader: () => false,
      problems: () => ['x'],
    })
    const page = await metrics.render()
    const served = [...page.matchAll(/^# TYPE (\S+) (\S+)\n(?:\w+(?:\{(.*)\})? )?/gm)].map(([, name, type, labels]) => [
      name,
      type,
      [...(labels ?? '').matchAll(/(\w+)="/g)].map(([, label]) => `\`${label}\``).join(', '),
    ])
    expect(rows('The injector').map(([name, type, labels]) => [unquoted(name), type, labels])).toEqual(served)
    expect(page).toContain('ringside_injector_not_injected_total 3\n')
    expect(page).toContain('ringside_injector_certificate_expiry_seconds 5\n')
  })
})

describe('the webhooks in k8s/base/injector', () => {
  const { webhooks } = parse(readFileSync('k8s/base/injector/webhook.yaml', 'utf8')) as {
    webhooks: { name: string; clientConfig: { service: { path: string } }; [field: string]: unknown }[]
  }

  it('let every pod start when the injector is down or slow, and are called without side effects', () => {
    for (const webhook of webhooks) {
      expect(webhook, webhook.name).toMatchObject({ failurePolicy: 'Ignore', sideEffects: 'None', timeoutSeconds: 3 })
      expect(webhook, webhook.name).toMatchObject({ admissionReviewVersions: ['v1'], reinvocationPolicy: 'IfNeeded' })
    }
  })

  it('have paths that the API server allows, which are served', () => {
    expect(webhooks.map(({ clientConfig }) => clientConfig.service.path)).toEqual([
      '/inject',
      '/inject/pod',
      '/inject/pod',
    ])
  })

  it('are about namespaces or pods that have asked, and no others', () => {
    const [namespace, labelled, annotated] = webhooks
    expect(JSON.stringify(namespace?.namespaceSelector)).toContain('"operator":"In","values":["enabled"]')
    expect(JSON.stringify(labelled?.objectSelector)).toContain('"operator":"In","values":["true"]')
    expect(annotated?.matchConditions).toHaveLength(1)
  })
})
