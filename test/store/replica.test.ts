import { expect, it } from 'vitest'
import { EPOCH, HEARTBEAT_MS, replicaRig } from './replica-rig.ts'

const REDIAL_MOST_MS = 750
const LATER = { life: { epoch: EPOCH, stamp: 13 }, record: undefined }

it('has come as far as the own heartbeat that it has replicated', async () => {
  const { replicaAt } = replicaRig()
  const { server, replica } = await replicaAt(12)
  expect(replica.asOf).toBe(200)
  server.answer = LATER
  expect(await replica.read('k')).toEqual({ record: undefined, epoch: EPOCH, stamp: 13, asOf: 300, sentAt: 0 })
  expect(replica.asOf).toBe(300)
})

it('is looked at once per heartbeat', async () => {
  const { clock, replicaAt } = replicaRig()
  const { server, replica } = await replicaAt(12)
  server.answer = LATER
  await clock.advance(HEARTBEAT_MS - 1)
  expect([server.asked, replica.asOf]).toEqual([1, 200])
  await clock.advance(1)
  expect([server.asked, replica.asOf]).toEqual([2, 300])
  await clock.advance(5 * HEARTBEAT_MS)
  expect(server.asked).toBe(7)
})

it('says nothing where its stamp is of no own heartbeat, or where it has none', async () => {
  const { replicaAt } = replicaRig()
  const { server, replica } = await replicaAt(12)
  for (const life of [{ epoch: EPOCH, stamp: 9 }, { epoch: 2, stamp: 12 }, undefined]) {
    server.answer = { ...server.answer, life }
    expect(await replica.read('k')).toBeUndefined()
    expect(replica.asOf).toBe(Number.NEGATIVE_INFINITY)
  }
})

it('counts what it has still to answer, also where that fails', async () => {
  const { replicaAt } = replicaRig()
  const { server, replica } = await replicaAt(12)
  let letGo: () => void = () => undefined
  server.waitsFor = new Promise((resolve) => {
    letGo = resolve
  })
  const reads = [replica.read('k'), replica.read('l')]
  expect(replica.inFlight).toBe(2)
  letGo()
  await Promise.all(reads)
  expect(replica.inFlight).toBe(0)
  server.isDown = true
  await expect(replica.read('k')).rejects.toThrow('the test says so')
  expect(replica.inFlight).toBe(0)
})

it('is not believed to have come anywhere while it does not answer', async () => {
  const { clock, replicaAt } = replicaRig()
  const { server, replica } = await replicaAt(12)
  server.isDown = true
  await clock.advance(HEARTBEAT_MS)
  expect(replica.asOf).toBe(Number.NEGATIVE_INFINITY)
  server.isDown = false
  await clock.advance(HEARTBEAT_MS)
  expect(replica.asOf).toBe(200)
})

it('is dialled anew until it is there, once its line is lost', async () => {
  const { clock, replicaAt } = replicaRig()
  const { server, replica } = await replicaAt(12)
  server.isDown = true
  server.lose()
  expect([replica.asOf, await replica.read('k')]).toEqual([Number.NEGATIVE_INFINITY, undefined])
  await clock.advance(4 * REDIAL_MOST_MS)
  expect(clock.pending).toBe(1)
  server.isDown = false
  await clock.advance(REDIAL_MOST_MS)
  expect([replica.asOf, (await replica.read('k'))?.asOf]).toEqual([200, 200])
})

it('is looked at no more often once it was dialled anew', async () => {
  const { clock, replicaAt } = replicaRig()
  const { server } = await replicaAt(12)
  server.lose()
  await clock.advance(REDIAL_MOST_MS)
  expect(server.asked).toBe(2)
  await clock.advance(10 * HEARTBEAT_MS)
  expect(server.asked).toBe(12)
})

it('leaves nothing behind when it is closed', async () => {
  const { clock, replicaAt } = replicaRig()
  const { server, replica } = await replicaAt(12)
  replica.close()
  expect(clock.pending).toBe(0)
  await clock.advance(4 * REDIAL_MOST_MS)
  expect(server.asked).toBe(1)
})

it('is not dialled any more when it is closed while it is out of reach', async () => {
  const { clock, replicaAt } = replicaRig()
  const { server, replica } = await replicaAt(12)
  server.isDown = true
  server.lose()
  replica.close()
  expect(clock.pending).toBe(0)
})
