import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from './kustomize.ts'
import { flawsOf } from './strict-walker.ts'

const deployment = (container: object = {}, spec: object = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'shop' },
  spec: {
    selector: { matchLabels: { app: 'shop' } },
    template: {
      metadata: { labels: { app: 'shop' } },
      spec: { containers: [{ name: 'app', image: 'shop', ...container }] },
    },
    ...spec,
  },
})

describe('the strict walker', () => {
  it('lets pass what is right, with what is newest in it', () => {
    expect(flawsOf(deployment({ ports: [{ containerPort: 80 }], restartPolicy: 'Always' }))).toEqual([])
    expect(flawsOf(deployment({ readinessProbe: { httpGet: { port: 'http' } } }))).toEqual([])
  })

  it.each([
    [
      'a field that does not exist',
      deployment({ imagePullPolcy: 'Always' }),
      /containers\[0\]\.imagePullPolcy is not a field/,
    ],
    ['a field in the wrong place', deployment({}, { containers: [] }), /spec\.containers is not a field/],
    ['text for a number', deployment({}, { replicas: '2' }), /spec\.replicas is not number/],
    ['a number for text', deployment({ env: [{ name: 'A', value: 1 }] }), /env\[0\]\.value is not string/],
    ['a broken number', deployment({}, { replicas: 1.5 }), /spec\.replicas is not a whole number/],
    ['a map for a list', deployment({ ports: { containerPort: 80 } }), /ports is not a list/],
    ['a list for a map', deployment({ securityContext: [] }), /securityContext is not V1SecurityContext/],
    [
      'a boolean as a label',
      { ...deployment(), metadata: { name: 'shop', labels: { on: true } } as never },
      /labels\[on\]/,
    ],
    ['a field that is missing', deployment({ name: undefined }, {}), /name/],
    ['a kind that nobody knows', { ...deployment(), kind: 'Deploymint' }, /not known/],
  ])('refuses %s', (_, object, flaw) => {
    expect(flawsOf(object as KubernetesObject).join('\n')).toMatch(flaw)
  })

  const monitor = (endpoint: object): KubernetesObject => ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: 'ringside' },
    spec: { selector: { matchLabels: { app: 'shop' } }, podMetricsEndpoints: [endpoint] },
  })

  it('knows the kinds of other operators as well', () => {
    expect(flawsOf(monitor({ port: 'http', interval: '15s' }))).toEqual([])
    expect(flawsOf(monitor({ prot: 'http' })).join()).toMatch(/podMetricsEndpoints\/0\/prot is not a field/)
    expect(flawsOf(monitor({ port: 7402 })).join()).toMatch(/port must be string/)
    expect(flawsOf({ ...monitor({}), spec: { podMetricsEndpoints: [] } }).join()).toMatch(/selector/)
  })
})
