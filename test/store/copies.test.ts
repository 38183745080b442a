import { expect, it } from 'vitest'
import type { Entry } from '../../src/base/entry.ts'
import { ALL_RULES, type Rules } from '../../src/base/rules.ts'
import { Copies } from '../../src/store/copies.ts'
import type { CopyLease } from '../../src/store/copy-lease.ts'
import { Evidence } from '../../src/store/evidence.ts'
import { MemoryServer } from '../../src/store/memory/memory-server.ts'
import type { OpenLine } from '../../src/store/open-line.ts'
import { packerIn } from '../../src/store/packing/packer-part.ts'
import { Requests } from '../../src/store/requests.ts'
import { heardAt } from './pulse-of.ts'
import { scriptedLife } from './scripted-shard.ts'

const NAME = 'test:k:v1:~c1::a'
const EVER = Number.NEGATIVE_INFINITY
const ENTRY: Entry = {
  kind: 'value',
  value: Buffer.from('v'),
  version: 7,
  ageMs: 0,
  softTtlMs: undefined,
  ttlMs: 60_000,
}

/** Copies on a server whose clock is far from this sidecar's: it shows 10¹² ms more. */
async function rig(without: Partial<Rules> = {}) {
  const { clock, life, server, options: common, parts } = await scriptedLife()
  const options = { ...common, rules: { ...ALL_RULES, ...without } }
  const requests = new Requests(options, parts, life)
  const about = { life, requests, evidence: new Evidence(options.rules, clock, life), packer: packerIn(parts) }
  const copies = new Copies(options, parts, about)
  const open = life.line(false) as OpenLine
  const lease = async () => (await copies.lease(NAME, 5_000)) as CopyLease
  const fill = (one: CopyLease, asOf = clock.now()) => copies.fill(NAME, one, { entry: ENTRY, asOf, lifeMs: 10_000 })
  /** Has the line hear the server's clock with such delays, as they would be on a slow network. */
  const hear = (wayThereMs: number, wayBackMs: number) => {
    open.clock.observe(clock.now() - wayThereMs, clock.now() + wayBackMs, 1e15 + clock.now() * 1_000)
  }
  return { clock, life, server, copies, lease, fill, hear, open }
}

it("is as old as its lease on this sidecar's own clock, however far the server's is off", async () => {
  const { clock, copies, lease, fill } = await rig()
  await clock.advance(100)
  const leasedAt = clock.now()
  const own = await lease()
  await clock.advance(40)
  expect(await fill(own)).toBe(true)
  await clock.advance(500)
  expect(await copies.read(NAME, EVER)).toMatchObject({ asOf: leasedAt, sentAt: clock.now(), proof: undefined })
})

it('takes the older end where the clock of the server is known only within a round trip', async () => {
  const { clock, copies, lease, fill, hear } = await rig()
  const leasedAt = clock.now()
  await fill(await lease())
  hear(30, 0)
  // The TIME may have been read as the request left: then the server is 30 ms further, and the lease 30 ms older.
  expect((await copies.read(NAME, EVER))?.asOf).toBe(leasedAt - 30)
})

it("takes the older end of the primary's answer too, which came from another clock", async () => {
  const { clock, copies, lease, fill, hear } = await rig()
  await clock.advance(100)
  const own = await lease()
  hear(0, 20)
  await fill(own, 60)
  // Stored 20 ms older than the 60 that the answer says, since the server may show that much less.
  hear(0, 0)
  expect((await copies.read(NAME, EVER))?.asOf).toBe(40)
})

it('is not found once it is older than is asked for', async () => {
  const { clock, copies, lease, fill } = await rig()
  await fill(await lease())
  const leasedAt = clock.now()
  await clock.advance(50)
  expect(await copies.read(NAME, leasedAt)).toBeDefined()
  expect(await copies.read(NAME, leasedAt + 1)).toBeUndefined()
})

it('is not found in another epoch, since another machine may have stamped it', async () => {
  const { clock, copies, lease, fill, open } = await rig()
  await fill(await lease())
  const { epoch } = open
  open.hear(heardAt(clock.now(), { epoch: 2, accepted: [epoch] }))
  expect(await copies.read(NAME, EVER)).toBeUndefined()
  open.hear(heardAt(clock.now(), { epoch }))
  expect(await copies.read(NAME, EVER)).toBeDefined()
})

it('is not stored where the epoch has ended in which its lease was taken', async () => {
  const { clock, copies, lease, fill, open } = await rig()
  const own = await lease()
  const { epoch } = open
  open.hear(heardAt(clock.now(), { epoch: 2, accepted: [epoch] }))
  expect(await fill(own)).toBe(false)
  open.hear(heardAt(clock.now(), { epoch }))
  expect(await copies.read(NAME, EVER)).toBeUndefined()
})

it('says nothing where it claims to be of later than now: its server was set back', async () => {
  const { clock, copies, lease, fill, open } = await rig()
  await fill(await lease())
  open.clock.observe(clock.now(), clock.now(), 1e15 - 5_000_000)
  expect(await copies.read(NAME, EVER)).toBeUndefined()
})

it('lives so long from its lease that nothing is left behind, neither for readers nor in memory', async () => {
  const { clock, copies, lease, fill } = await rig()
  const own = await lease()
  await clock.advance(4_000)
  await fill(own)
  await clock.advance(5_900)
  expect((await copies.read(NAME, EVER))?.entry.ttlMs).toBe(100)
  await clock.advance(100)
  expect(await copies.read(NAME, EVER)).toBeUndefined()
  expect(await copies.lease(NAME, 1_000)).toBeDefined()
})

it('keeps the time at which its value was loaded, as its age tells', async () => {
  const { clock, copies, lease } = await rig()
  const own = await lease()
  await copies.fill(NAME, own, { entry: { ...ENTRY, ageMs: 700 }, asOf: clock.now(), lifeMs: 10_000 })
  await clock.advance(50)
  expect((await copies.read(NAME, EVER))?.entry.ageMs).toBe(750)
})

it('is read on the plain line, since nothing that comes by the channel is to say anything of it', async () => {
  const { server, copies } = await rig()
  await copies.read(NAME, EVER)
  const readers = server.dialled.filter(({ asked }) => asked.at(-1) === 'get')
  expect(readers).toHaveLength(1)
  expect(server.dialled.indexOf(readers[0] as never)).toBe(0)
})

it('is as old as its storing without the rule', () => {
  let nowMs = 1_000
  const rules = { ...ALL_RULES, copyAsOfAtLease: false }
  const server = new MemoryServer({ maxBytes: 1 << 20, timeUs: () => nowMs * 1_000, runId: 'r', rules })
  const client = { changed: undefined }
  const token = Buffer.alloc(16, 1)
  server.execute('acquire', { key: NAME, token, leaseTtlMs: 5_000, epochs: [1], leastVersion: 0 }, client)
  const times = { loadedAtMs: 900, softAtMs: 0, hardAtMs: 11_000, asOfMs: 1_000 }
  nowMs = 1_040
  const { kind, value, version } = ENTRY
  server.execute('fillCopy', { key: NAME, token, epoch: 1, kind, value, version, ...times }, client)
  expect(server.execute('get', { key: NAME }, client)).toMatchObject({ asOfMs: 1_040 })
})

it('has a proof without the rule', async () => {
  const { copies, lease, fill } = await rig({ copyUnproven: false })
  await fill(await lease())
  expect((await copies.read(NAME, EVER))?.proof).toBeDefined()
})
