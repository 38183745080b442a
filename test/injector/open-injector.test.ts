import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import { type Generation, newGeneration } from '../../src/injector/certs/generation.ts'
import { readInjectorFlags } from '../../src/injector/injector-flags.ts'
import { type OpenInjector, openInjector } from '../../src/open-injector.ts'
import { FakeApiServer } from '../kube/fake-api-server.ts'
import { RecordingLog } from '../rpc/recording-log.ts'
import { until } from '../support/until.ts'
import { PATHS } from './kube/replicas.ts'
import { callWebhook, recordedReviews } from './webhook-client.ts'

const SERVICE = 'ringside-injector.ringside-system.svc'

let api: FakeApiServer
let log: RecordingLog
let injector: OpenInjector
let folder: string

beforeEach(async () => {
  api = new FakeApiServer()
  await api.start()
  api.put(PATHS.webhook, { webhooks: [{ name: 'inject.ringside.dev', clientConfig: { service: {} } }] })
  log = new RecordingLog()
  folder = mkdtempSync(join(tmpdir(), 'ringside-certs-'))
})

afterEach(async () => {
  await injector.close(0)
  await api.stop()
  rmSync(folder, { recursive: true })
})

async function started(...flags: string[]): Promise<{ webhook: string; http: string }> {
  const local = ['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--image', 'ringside:1']
  injector = openInjector(readInjectorFlags([...local, ...flags]), {
    clock: systemClock,
    chance: systemChance,
    log,
    namespace: 'ringside-system',
    identity: 'injector-0',
    api: { address: api.address, account: api.account },
  })
  return (await injector.start()) as { webhook: string; http: string }
}

const page = async (http: string, path: string) => {
  const response = await fetch(`http://${http}${path}`)
  return { status: response.status, text: await response.text() }
}

const ready = (http: string) => until('the injector', async () => (await page(http, '/readyz')).status === 200)

const ask = (webhook: string, ca: string, version: '1.20' | '1.36' = '1.36') => {
  const [body] = recordedReviews(version) as [string]
  return callWebhook({ address: webhook, path: '/inject/pod', body, ca, servername: SERVICE })
}

describe('an injector that keeps its own certificate', () => {
  it('is believed by whoever reads its webhook as soon as it is ready', async () => {
    const { webhook, http } = await started()
    await ready(http)
    const { webhooks } = api.objects.get(PATHS.webhook) as unknown as {
      webhooks: { clientConfig: { caBundle: string } }[]
    }
    const ca = Buffer.from(webhooks[0]!.clientConfig.caBundle, 'base64').toString()
    expect((await ask(webhook, ca)).body.response).toMatchObject({ allowed: true, patchType: 'JSONPatch' })
    const metrics = (await page(http, '/metrics')).text
    expect(metrics).toContain('ringside_injector_reviews_total{outcome="injected",reason=""} 1\n')
    expect(metrics).toContain('ringside_injector_leader 1\n')
    expect(metrics).toContain('ringside_injector_not_injected_total 0\n')
    expect(metrics).toMatch(/ringside_injector_certificate_expiry_seconds 77\d{5}\.?\d*\n/)
  })

  it('is not ready without an API server, says why, and becomes ready when there is one', async () => {
    api.instead = () => ({ status: 503, body: { message: 'not yet' } })
    const { http } = await started()
    await until('the reasons', async () => (await page(http, '/readyz')).text.includes('503 not yet'))
    const { status, text } = await page(http, '/readyz')
    expect(status).toBe(503)
    expect(JSON.parse(text).reasons).toEqual(
      expect.arrayContaining(['there is no certificate yet', 'the version of the API server is not known yet']),
    )
    expect((await page(http, '/livez')).status).toBe(200)
    api.instead = () => undefined
    await ready(http)
  })

  it('lets another lead when it stops, and says that it is not ready', async () => {
    const { http } = await started()
    await ready(http)
    const closing = injector.close(200)
    await until('the end of its leading', () => {
      const { spec } = api.objects.get(PATHS.lease) as unknown as { spec: { holderIdentity: string } }
      return spec.holderIdentity === ''
    })
    expect((await page(http, '/readyz')).text).toContain('it is stopping')
    await closing
  })
})

describe('an injector whose certificate somebody else keeps', () => {
  /** As the kubelet does it with a mounted Secret. */
  function swap({ pair }: Generation, version: number, key = pair.key): void {
    mkdirSync(join(folder, `v${version}`))
    writeFileSync(join(folder, `v${version}`, 'tls.crt'), pair.cert)
    writeFileSync(join(folder, `v${version}`, 'tls.key'), key)
    symlinkSync(`v${version}`, join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    if (version > 1) return
    for (const file of ['tls.crt', 'tls.key']) symlinkSync(`..data/${file}`, join(folder, file))
  }

  const generation = () => newGeneration([SERVICE], systemClock.wall(), systemChance)

  it('takes it up when it changes, keeps it when the new one is wrong, and writes nothing to the API server', async () => {
    const [first, second, third] = [generation(), generation(), generation()]
    swap(first, 1)
    const { webhook, http } = await started('--certs', folder)
    await ready(http)
    expect((await ask(webhook, first.authority)).status).toBe(200)
    swap(second, 2, third.pair.key)
    await until('the refusal', async () => (await page(http, '/readyz')).text.includes('do not belong together'))
    expect((await ask(webhook, first.authority)).status).toBe(200)
    swap(third, 3)
    await until('the new certificate', () =>
      ask(webhook, third.authority).then(
        () => true,
        () => false,
      ),
    )
    expect(new Set(api.asked)).toEqual(new Set(['GET /version']))
  })

  it('waits for one that is not there yet', async () => {
    const { http } = await started('--certs', folder)
    expect((await page(http, '/readyz')).text).toContain('there is no certificate yet')
    swap(generation(), 1)
    await ready(http)
  })
})

describe('the mode of an injector', () => {
  it('follows the API server, and its own flag only where that can be had', async () => {
    api.version = { major: '1', minor: '20+' }
    const first = newGeneration([SERVICE], systemClock.wall(), systemChance)
    writeFileSync(join(folder, 'tls.crt'), first.pair.cert)
    writeFileSync(join(folder, 'tls.key'), first.pair.key)
    const { webhook, http } = await started('--certs', folder, '--mode', 'native')
    await ready(http)
    await until('the version', () => log.lines.some(({ message }) => message.includes('told its version')))
    const { body } = await ask(webhook, first.authority, '1.20')
    expect(body.response?.auditAnnotations).toEqual({ outcome: 'injected', mode: 'classic' })
  })
})
