import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SETTLE_MS } from '../../../src/injector/certs/certificate-keeper.ts'
import { LEASE_MS } from '../../../src/injector/kube/leadership.ts'
import { FakeApiServer } from '../../kube/fake-api-server.ts'
import { isBelieved, PATHS, Replica } from './replicas.ts'

const DAY = 86_400_000
const WEBHOOKS = ['inject.ringside.dev', 'pod.inject.ringside.dev'].map((name) => ({
  name,
  clientConfig: { service: { name: 'ringside-injector', namespace: 'ringside-system', path: '/inject' } },
}))

let server: FakeApiServer
let replicas: Replica[]

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  server.put(PATHS.webhook, { kind: 'MutatingWebhookConfiguration', webhooks: WEBHOOKS })
  replicas = []
})

afterEach(async () => {
  for (const replica of replicas) replica.kill()
  await server.stop()
})

function replica(identity: string): Replica {
  const made = new Replica(identity, server)
  replicas.push(made)
  return made
}

const holder = () =>
  (server.objects.get(PATHS.lease) as unknown as { spec: { holderIdentity: string } }).spec.holderIdentity
const everyone = async (times = 1) => {
  for (let look = 0; look < times; look += 1) for (const one of replicas) await one.look()
}

describe('injectors that keep their own certificates', () => {
  it('begin with one that all of them serve and every webhook believes', async () => {
    const [a, b] = [replica('a'), replica('b')]
    await everyone(2)
    expect([a.leadership.isLeader, b.leadership.isLeader, holder()]).toEqual([true, false, 'a'])
    expect(a.current).toEqual(b.current)
    expect(isBelieved(server, a.current)).toBe(true)
    expect(a.keeper.problems).toEqual([])
  })

  it('begin with a Secret and a Lease that are there and empty, where they may not make them', async () => {
    server.put(PATHS.secret, { kind: 'Secret', type: 'Opaque' })
    server.put(PATHS.lease, { kind: 'Lease' })
    server.instead = (method) => (method === 'POST' ? { status: 403, body: { message: 'forbidden' } } : undefined)
    const a = replica('a')
    await a.look()
    expect(isBelieved(server, a.current)).toBe(true)
    expect(server.objects.get(PATHS.secret)).toMatchObject({ type: 'Opaque' })
  })

  it('have one leader and one certificate when they race for Lease and Secret', async () => {
    const [a, b] = [replica('a'), replica('b')]
    // Each asks before either has written: one of the two writes is refused with 409.
    for (const method of ['POST', 'PUT']) {
      let waiting = 0
      let open: () => void = () => undefined
      const both = new Promise<void>((resolve) => {
        open = resolve
      })
      server.before = async (asked, path) => {
        if (asked !== method || !path.includes('leases')) return
        waiting += 1
        if (waiting === 2) open()
        await both
      }
      if (method === 'POST') await Promise.all([a.look(), b.look()])
      server.before = async () => undefined
    }
    expect([a, b].filter(({ leadership }) => leadership.isLeader)).toHaveLength(1)
    await everyone(2)
    expect(a.current).toEqual(b.current)
    expect(isBelieved(server, b.current)).toBe(true)
  })

  it('never serve what the Secret does not hold when another was faster to fill it', async () => {
    const a = replica('a')
    server.instead = (method, path) =>
      method === 'POST' && path.includes('secrets') ? { status: 409, body: { message: 'already exists' } } : undefined
    await a.look()
    expect(a.current).toBeUndefined()
    expect(a.keeper.problems).toEqual([expect.stringContaining('409 already exists')])
    server.instead = () => undefined
    await a.look()
    expect(isBelieved(server, a.current)).toBe(true)
    expect(a.keeper.problems).toEqual([])
  })

  it('are led by another once the leader has been silent for long enough, and not before', async () => {
    const [a, b] = [replica('a'), replica('b')]
    await everyone(2)
    const served = b.current
    replicas = [b]
    a.kill()
    await b.look(LEASE_MS / 5_000 - 1)
    expect(holder()).toBe('a')
    await b.look(2)
    expect([holder(), b.leadership.isLeader]).toEqual(['b', true])
    expect(b.current).toEqual(served)
    // The other does not know that it leads no more; by its own clock it does not act either.
    await a.clock.advance(LEASE_MS)
    expect(a.leadership.isLeader).toBe(false)
  })

  it('are led by another at once when the leader stops', async () => {
    const [a, b] = [replica('a'), replica('b')]
    await everyone()
    await a.close()
    await b.look()
    expect([holder(), b.leadership.isLeader]).toEqual(['b', true])
  })
})

describe('a certificate that is to be renewed', () => {
  it('is believed everywhere before anyone serves it, and nobody serves one that is not believed', async () => {
    const [a, b] = [replica('a'), replica('b')]
    await everyone(2)
    const old = a.current
    server.nowMs += 61 * DAY
    await everyone()
    for (let waited = 0; waited < SETTLE_MS; waited += 5_000) {
      expect([a.current, b.current]).toEqual([old, old])
      expect(isBelieved(server, old)).toBe(true)
      await everyone()
    }
    await everyone(3)
    expect(a.current).not.toEqual(old)
    expect(a.current).toEqual(b.current)
    expect([isBelieved(server, a.current), isBelieved(server, old)]).toEqual([true, true])
    server.nowMs += 30 * DAY
    await everyone(3)
    expect([isBelieved(server, a.current), isBelieved(server, old)]).toEqual([true, false])
  })

  it('is waited for anew by the next leader, which does not know since when it is believed', async () => {
    const [a, b] = [replica('a'), replica('b')]
    await everyone(2)
    const old = a.current
    server.nowMs += 61 * DAY
    await everyone(5)
    await a.close()
    replicas = [b]
    await b.look(SETTLE_MS / 5_000 - 1)
    expect(b.current).toEqual(old)
    await b.look(3)
    expect(b.current).not.toEqual(old)
    expect(isBelieved(server, b.current)).toBe(true)
  })
})

describe('certificates when something is wrong', () => {
  it('go on being served while the API server is out of reach, and it is told why', async () => {
    const a = replica('a')
    await a.look()
    const served = a.current
    server.instead = () => ({ status: 503, body: { message: 'etcd is gone' } })
    await a.look(5)
    expect([a.current, a.leadership.isLeader]).toEqual([served, false])
    expect(a.keeper.problems[0]).toContain('503 etcd is gone')
    expect(a.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(2)
    server.instead = () => undefined
    await a.look(2)
    expect([a.keeper.problems, a.leadership.isLeader]).toEqual([[], true])
  })

  it('are announced anew when the Secret is deleted, and what is served stays believed', async () => {
    const [a, b] = [replica('a'), replica('b')]
    await everyone(2)
    const old = a.current
    server.objects.delete(PATHS.secret)
    await everyone()
    expect([a.current, b.current]).toEqual([old, old])
    expect(isBelieved(server, old)).toBe(true)
    await everyone(SETTLE_MS / 5_000 + 3)
    expect(a.current).not.toEqual(old)
    expect(a.current).toEqual(b.current)
    expect([isBelieved(server, a.current), isBelieved(server, old)]).toEqual([true, true])
  })

  it('are made anew when the Secret is damaged', async () => {
    const a = replica('a')
    await a.look()
    server.put(PATHS.secret, { kind: 'Secret', data: { 'tls.crt': 'AAAA', 'tls.key': 'AAAA', 'ca.crt': 'AAAA' } })
    await a.look(2)
    expect(a.keeper.problems).toEqual([])
    expect(isBelieved(server, a.current)).toBe(true)
  })

  it('are believed again when somebody applies the webhook without its caBundle', async () => {
    const a = replica('a')
    await a.look()
    server.put(PATHS.webhook, { kind: 'MutatingWebhookConfiguration', webhooks: WEBHOOKS })
    expect(isBelieved(server, a.current)).toBe(false)
    await a.look()
    expect(isBelieved(server, a.current)).toBe(true)
  })

  it('are not made for a webhook that cannot be read', async () => {
    const a = replica('a')
    server.objects.delete(PATHS.webhook)
    await a.look(2)
    expect(a.current).toBeUndefined()
    expect(a.keeper.problems).toEqual([expect.stringContaining('404')])
  })

  it('follow the clock of the API server, and not their own, which may jump', async () => {
    const a = replica('a')
    await a.look()
    const first = a.current
    await a.clock.advance(200 * DAY)
    await a.look(2)
    expect(a.current).toEqual(first)
  })

  it.each([
    ['forward beyond their end', 400 * DAY],
    ['back before their beginning', -400 * DAY],
  ])('are replaced at once when that clock jumps %s', async (_, byMs) => {
    const a = replica('a')
    await a.look()
    const first = a.current
    server.nowMs += byMs
    await a.look(2)
    expect(a.current).not.toEqual(first)
    expect(isBelieved(server, a.current)).toBe(true)
    expect(a.keeper.expiresInMs).toBeGreaterThan(89 * DAY)
  })

  it('are kept with the token that the kubelet has renewed', async () => {
    const a = replica('a')
    await a.look()
    server.token = 'second'
    await a.look()
    expect(a.keeper.problems[0]).toContain('401')
    server.showToken('second\n')
    await a.look()
    expect(a.keeper.problems).toEqual([])
  })
})
