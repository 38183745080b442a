import { Agent } from 'node:https'
import { connect } from 'node:tls'
import { applyPatch, type Operation } from 'rfc6902'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import { type Generation, newGeneration } from '../../src/injector/certs/generation.ts'
import { InjectionServer } from '../../src/injector/injection-server.ts'
import { type Injector, review } from '../../src/injector/review.ts'
import { ReviewTally } from '../../src/injector/review-tally.ts'
import { RecordingLog } from '../rpc/recording-log.ts'
import { podOf } from './pods.ts'
import { callWebhook, podIn, recordedReviews, uidOf } from './webhook-client.ts'

const SERVICE = 'ringside-injector.ringside-system.svc'
const LOOPBACK = { host: '127.0.0.1', port: 0 }

const newCertificate = () => newGeneration([SERVICE], systemClock.wall(), systemChance)

let injector: Injector
let generation: Generation
let decide: typeof review
let tally: ReviewTally
let log: RecordingLog
let server: InjectionServer

beforeEach(async () => {
  injector = { image: 'ringside:1', mode: 'auto', minor: 36 }
  decide = review
  tally = new ReviewTally()
  log = new RecordingLog()
  server = new InjectionServer({
    listen: LOOPBACK,
    review: (request, optIn) => decide(request, optIn, injector),
    tally,
    log,
  })
  generation = newCertificate()
  server.setCertificate(generation.pair)
  await server.start()
})

afterEach(() => server.close())

const call = (body: string, more: { path?: string; method?: string; ca?: string; agent?: Agent } = {}) =>
  callWebhook({ address: server.address() as string, ca: generation.authority, servername: SERVICE, body, ...more })

const patchOf = (response: Record<string, unknown> | undefined) =>
  JSON.parse(Buffer.from(response?.patch as string, 'base64').toString()) as Operation[]

const reviewOf = (object: object) =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u', operation: 'CREATE', namespace: 'shop', object },
  })

const counts = () =>
  Object.fromEntries([...tally.counts].map(({ outcome, reason, count }) => [`${outcome} ${reason}`.trim(), count]))

describe('reviews that real API servers sent', () => {
  it('of 1.20 is answered with a classic sidecar, since it knows no other', async () => {
    injector = { ...injector, minor: 20 }
    const [recorded] = recordedReviews('1.20') as [string]
    const { status, body } = await call(recorded, { path: '/inject/pod' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: uidOf(recorded), allowed: true, patchType: 'JSONPatch' },
    })
    const pod = podIn(recorded)
    expect(applyPatch(pod, patchOf(body.response)).filter(Boolean)).toEqual([])
    expect(pod).toMatchObject({ spec: { containers: [{ name: 'ringside' }, { name: 'app' }] } })
    expect(pod).not.toHaveProperty('spec.initContainers')
  })

  it('of 1.36 are answered with a native sidecar, and left alone when they come again', async () => {
    const [first, again] = recordedReviews('1.36') as [string, string]
    const { body } = await call(first, { path: '/inject/pod' })
    const pod = podIn(first)
    expect(applyPatch(pod, patchOf(body.response)).filter(Boolean)).toEqual([])
    expect(pod).toMatchObject({ spec: { initContainers: [{ name: 'ringside', restartPolicy: 'Always' }] } })
    expect((await call(again, { path: '/inject/pod' })).body.response).toEqual({
      uid: uidOf(again),
      allowed: true,
      auditAnnotations: { outcome: 'skipped', reason: 'already-injected' },
    })
  })

  it('are all answered right, 200 at once, while the certificate changes', async () => {
    const reviews = [...recordedReviews('1.20'), ...recordedReviews('1.36')]
    const next = newCertificate()
    // As the API server: it believes old and new while they change.
    const ca = generation.authority + next.authority
    const keeping = new Agent({ keepAlive: true })
    const ask = async (index: number) => {
      const asked = reviews[index % reviews.length] as string
      // Half of them on connections that are kept, half on new ones.
      const agent = index % 2 === 0 ? keeping : new Agent()
      const { status, body } = await call(asked, { path: '/inject/pod', ca, agent })
      expect([status, body.response?.uid, body.response?.allowed]).toEqual([200, uidOf(asked), true])
      return body.response?.patch === undefined ? 'skipped' : 'injected'
    }
    const first = Array.from({ length: 100 }, (_, index) => ask(index))
    await Promise.race(first)
    server.setCertificate(next.pair)
    const rest = Array.from({ length: 100 }, (_, index) => ask(index))
    const outcomes = await Promise.all([...first, ...rest])
    keeping.destroy()
    expect(counts()).toEqual({
      injected: outcomes.filter((outcome) => outcome === 'injected').length,
      'skipped already-injected': outcomes.filter((outcome) => outcome === 'skipped').length,
    })
    expect((await call(reviews[0] as string, { ca: next.authority })).status).toBe(200)
    await expect(call(reviews[0] as string, { ca: generation.authority })).rejects.toThrow('certificate')
  })
})

describe('the webhook server', () => {
  it('tells pods that have to ask from those whose namespace has', async () => {
    expect((await call(reviewOf(podOf()))).body.response).toHaveProperty('patch')
    expect((await call(reviewOf(podOf()), { path: '/inject/pod' })).body.response).toMatchObject({
      allowed: true,
      auditAnnotations: { reason: 'not-asked' },
    })
  })

  it('denies with a message for the user, who is told of warnings too', async () => {
    const wrong = podOf({ metadata: { annotations: { 'ringside.dev/mode': 'x' } } })
    expect((await call(reviewOf(wrong))).body.response).toEqual({
      uid: 'u',
      allowed: false,
      status: { code: 422, reason: 'Invalid', message: expect.stringContaining('ringside.dev/mode') },
    })
    const misspelt = podOf({ metadata: { annotations: { 'ringside.dev/moed': 'native' } } })
    expect((await call(reviewOf(misspelt))).body.response?.warnings).toEqual([
      expect.stringContaining('ringside.dev/mode?'),
    ])
  })

  it('lets a pod be when it fails itself, and says so', async () => {
    decide = () => {
      throw new Error('a bug')
    }
    expect((await call(reviewOf(podOf()))).body.response).toEqual({
      uid: 'u',
      allowed: true,
      warnings: [expect.stringContaining('the injector failed')],
    })
    expect(counts()).toEqual({ failed: 1 })
    expect(log.lines.some(({ level, message }) => level === 'error' && message === 'a review failed')).toBe(true)
  })

  it.each([
    ['no JSON', '{', 400],
    ['no review', '{}', 400],
    [
      'a review of another version',
      '{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"u"}}',
      400,
    ],
    ['more than any review has', ' '.repeat(9 * 1024 * 1024), 413],
  ])('answers %s with an error', async (_, body, status) => {
    expect((await call(body)).status).toBe(status)
    expect(counts()).toEqual({})
  })

  it('serves nothing else', async () => {
    expect((await call('', { path: '/' })).status).toBe(404)
    expect((await call('', { method: 'PUT' })).status).toBe(405)
  })

  it('refuses a certificate whose key is another, and goes on with the one before', async () => {
    const [a, b] = [newCertificate(), newCertificate()]
    expect(() => server.setCertificate({ cert: a.pair.cert, key: b.pair.key })).toThrow()
    expect((await call(reviewOf(podOf()))).status).toBe(200)
  })

  it('finishes what is being asked when it is closed', async () => {
    const socket = connect({
      port: Number(server.address()?.split(':').at(-1)),
      host: '127.0.0.1',
      ca: generation.authority,
      servername: SERVICE,
    })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    const body = reviewOf(podOf())
    socket.write(
      `POST /inject HTTP/1.1\r\nhost: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, 10)}`,
    )
    const answer = new Promise<string>((resolve) => socket.once('data', (chunk: Buffer) => resolve(chunk.toString())))
    // What was written has arrived once another call on a later connection is answered.
    await call(body)
    const closed = server.close()
    socket.write(body.slice(10))
    expect(await answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close/i)
    socket.destroy()
    await closed
  })
})
