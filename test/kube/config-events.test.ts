import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { Reloads } from '../../src/config/reloads.ts'
import { EVENT_EVERY_MS } from '../../src/kube/pod-events.ts'
import { type ConfigEvents, openConfigEvents } from '../../src/open-config-events.ts'
import { configOf } from '../config/loading.ts'
import { RecordingLog } from '../rpc/recording-log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { until } from '../support/until.ts'
import { FakeApiServer } from './fake-api-server.ts'

const RIGHT = `
env: shop
shards: { nodes: [{ name: a, primary: "redis://app:old-secret@127.0.0.1:1" }] }
keyspaces: {}
`
const WRONG = `${RIGHT.replace('old-secret', 'new-secret')}heartbeat: new-secret\nlog: { level: loud }\n`
const FOLDER = '/api/v1/namespaces/shop/events'

let api: FakeApiServer
let clock: ManualClock
let log: RecordingLog
let events: ConfigEvents | undefined
let applied: Config[]

beforeEach(async () => {
  api = new FakeApiServer()
  await api.start()
  clock = new ManualClock()
  log = new RecordingLog()
  applied = []
})

afterEach(async () => {
  events?.close()
  await api.stop()
})

const env = () => ({
  KUBERNETES_SERVICE_HOST: api.address.host,
  KUBERNETES_SERVICE_PORT: String(api.address.port),
  POD_NAME: 'web-1',
  POD_NAMESPACE: 'shop',
})

const opened = async (more: Readonly<Record<string, string | undefined>> = {}) => {
  events = await openConfigEvents({ ...env(), ...more }, { clock, log, account: api.account })
  return events
}

/** A sidecar as far as its configuration goes, which takes texts of its file. */
async function sidecar(): Promise<(text: string) => void> {
  const configEvents = await opened()
  const reloads = new Reloads(configOf(RIGHT), { log, apply: (one) => applied.push(one), configEvents })
  return (text) => reloads.take(loadConfig(text, { env: {} }))
}

const reports = (level: 'debug' | 'info') =>
  log.lines.filter((line) => line.level === level && /^event /.test(line.message))
const reported = (times: number) => until(`event ${times}`, () => reports('debug').length === times)
const stored = () => [...api.objects.values()].map(({ type, reason, message }) => ({ type, reason, message }))

/** A token as the kubelet mounts it, which is made for one pod. */
function bound(pod: object): string {
  const claims = { 'kubernetes.io': { namespace: 'shop', pod } }
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sealed`
}

describe('a pod whose sidecar refuses a changed configuration', () => {
  it('has an event that names the first problem, how many more there are, and no secret', async () => {
    const take = await sidecar()
    take(WRONG)
    await reported(1)
    const [[path, event] = []] = [...api.objects]
    expect(path).toBe(`${FOLDER}/web-1.${clock.wall().toString(16)}`)
    expect(event).toMatchObject({
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-1' },
      type: 'Warning',
      reason: 'ConfigRefused',
      message: expect.stringMatching(/stays in force: heartbeat \(line 5\): .* \(and 1 more\)$/),
      source: { component: 'ringside' },
      firstTimestamp: '2023-11-14T22:13:20.000Z',
      lastTimestamp: '2023-11-14T22:13:20.000Z',
      count: 1,
    })
    expect(JSON.stringify([event, log.lines])).not.toContain('secret')
  })

  it('is told when it is mended, a minute later at the earliest', async () => {
    const take = await sidecar()
    take(WRONG)
    await reported(1)
    take(RIGHT)
    await clock.advance(EVENT_EVERY_MS - 1)
    expect(api.asked).toHaveLength(1)
    await clock.advance(1)
    await reported(2)
    expect(stored()[1]).toEqual({
      type: 'Normal',
      reason: 'ConfigInForce',
      message: 'the configuration file is in force',
    })
  })

  it('hears the latest only of what comes within a minute', async () => {
    const take = await sidecar()
    take(WRONG)
    await reported(1)
    for (const text of [RIGHT, WRONG, `${RIGHT}log: { level: silly }`]) take(text)
    await clock.advance(EVENT_EVERY_MS)
    await reported(2)
    expect(stored()[1]).toMatchObject({ reason: 'ConfigRefused', message: expect.stringMatching(/log\.level/) })
    expect(api.asked).toHaveLength(2)
  })

  it('hears of no mending of what it has not heard of', async () => {
    const take = await sidecar()
    take(`${RIGHT}log: { level: debug }`)
    take(WRONG)
    await reported(1)
    await clock.advance(EVENT_EVERY_MS)
    take(RIGHT)
    await reported(2)
    for (const text of [WRONG, RIGHT]) take(text)
    await clock.advance(5 * EVENT_EVERY_MS)
    expect(stored().map(({ reason }) => reason)).toEqual(['ConfigRefused', 'ConfigInForce'])
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['forbids it', { status: 403, body: { message: 'events is forbidden' } }],
    ['is out of order', { status: 500, body: {} }],
  ])('logs one line where the API server %s, and does not ask again', async (_, answer) => {
    api.instead = () => answer
    const take = await sidecar()
    take(WRONG)
    await until('the line', () => reports('info').length === 1)
    expect(reports('info')[0]?.fields).toMatchObject({ why: expect.stringContaining(`: ${answer.status}`) })
    await clock.advance(10 * EVENT_EVERY_MS)
    expect(api.asked).toHaveLength(1)
    expect(reports('info')).toHaveLength(1)
  })

  it('takes the next configuration while the API server says nothing', async () => {
    api.before = () => new Promise(() => undefined)
    const take = await sidecar()
    take(WRONG)
    take(`${RIGHT}log: { level: debug }`)
    expect(applied.at(-1)?.log.level).toBe('debug')
    await until('the request', () => api.asked.length === 1)
    await clock.advance(10_000)
    await until('the line', () => reports('info').length === 1)
    expect(reports('info')[0]?.fields).toMatchObject({ why: expect.stringContaining('no answer within') })
  })

  it('is silent once it is stopping', async () => {
    const take = await sidecar()
    take(WRONG)
    await reported(1)
    take(RIGHT)
    events?.close()
    await clock.advance(EVENT_EVERY_MS)
    expect(api.asked).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })
})

describe('the pod of an event', () => {
  const involved = async () => {
    events?.tell({ details: { refused: ['a'], waiting: [] }, reasons: ['a'] })
    await reported(1)
    return [...api.objects.values()][0]?.involvedObject
  }

  beforeEach(() => {
    api.token = bound({ name: 'web-1', uid: '4-2' })
    api.showToken(api.token)
  })

  it('is told by its token with the uid by which `kubectl describe` looks for events', async () => {
    await opened({ POD_NAME: undefined, POD_NAMESPACE: undefined })
    expect(await involved()).toEqual({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-1', uid: '4-2' })
  })

  it('has no uid from a token that is made for another', async () => {
    await opened({ POD_NAME: 'web-2' })
    expect(await involved()).toEqual({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-2' })
  })

  it('is nobody outside of Kubernetes, without a token, or where neither token nor environment says who', async () => {
    expect(await opened({ KUBERNETES_SERVICE_HOST: undefined })).toBeUndefined()
    writeFileSync(join(api.account, 'token'), 'of no pod')
    expect(await opened({ POD_NAME: undefined })).toBeUndefined()
    rmSync(join(api.account, 'token'))
    expect(await opened()).toBeUndefined()
  })
})
