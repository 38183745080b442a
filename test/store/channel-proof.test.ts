import { expect, it } from 'vitest'
import { ChannelProof } from '../../src/store/channel-proof.ts'

it('proves nothing before the first change that went all the way', () => {
  expect(new ChannelProof().provenAt).toBe(Number.NEGATIVE_INFINITY)
})

it('is raised, and never falls back to an earlier moment', () => {
  const proof = new ChannelProof()
  for (const moment of [100, 300, 200]) proof.raise(moment)
  expect([proof.provenAt, proof.lost]).toEqual([300, false])
})

it('proves nothing any more once it is lost, whatever is still heard', () => {
  const proof = new ChannelProof()
  proof.raise(100)
  proof.lose()
  proof.raise(200)
  expect([proof.provenAt, proof.lost]).toEqual([Number.NEGATIVE_INFINITY, true])
})
