import { describe, expect, it } from 'vitest'
import { helmTemplate, type KubernetesObject, kustomize } from './kustomize.ts'

const CHART = 'k8s/chart'

/** By kind and name, so that the order of the objects makes no difference. */
function named(objects: readonly KubernetesObject[]): ReadonlyMap<string, KubernetesObject> {
  return new Map(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]))
}

describe('the chart', () => {
  it.each([
    ['k8s/base', []],
    ['k8s/overlays/dev', ['replicas=1']],
    ['k8s/overlays/production', ['highAvailability=true', 'monitoring=true']],
    ['k8s/overlays/webhook-free', ['injection=policy']],
    ['k8s/tests/cert-manager', ['certificates=cert-manager']],
    ['k8s/tests/fail-closed', ['failClosed=true']],
    [
      'k8s/tests/everything',
      ['certificates=cert-manager', 'failClosed=true', 'highAvailability=true', 'monitoring=true'],
    ],
  ])('makes what kustomize makes of %s', async (folder, values) => {
    const args = [...values, 'namespace.create=true'].flatMap((value) => ['--set', value])
    const objects = await helmTemplate(CHART, ['--namespace', 'ringside-system', ...args])
    expect(objects.length).toBeGreaterThan(1)
    expect(named(objects)).toEqual(named(await kustomize(folder)))
  })

  it('goes into any namespace, which is then named in certificates, rights and webhooks alike', async () => {
    const values = ['--set', 'failClosed=true,monitoring=true']
    const objects = await helmTemplate(CHART, ['--namespace', 'caching', ...values])
    expect(JSON.stringify(objects)).not.toContain('ringside-system')
    expect(objects.map(({ metadata }) => metadata.namespace).filter(Boolean)).toContain('caching')
  })

  it('puts its image where it runs and where it is injected', async () => {
    const image = 'registry.example.com/ringside:1.2.3'
    const byWebhook = await helmTemplate(CHART, ['--set', `image=${image}`])
    const deployment = byWebhook.find(({ kind }) => kind === 'Deployment')
    const [container] = deployment?.spec.template.spec.containers ?? []
    expect(container).toMatchObject({ image, env: expect.arrayContaining([{ name: 'RINGSIDE_IMAGE', value: image }]) })
    const byPolicy = await helmTemplate(CHART, ['--set', `image=${image},injection=policy`])
    expect(byPolicy.find(({ kind }) => kind === 'ConfigMap')?.data).toMatchObject({ image })
  })

  it('refuses values that it does not know', async () => {
    await expect(helmTemplate(CHART, ['--set', 'replica=3'])).rejects.toThrow(/replica/)
    await expect(helmTemplate(CHART, ['--set', 'certificates=none'])).rejects.toThrow(/certificates/)
  })
})
