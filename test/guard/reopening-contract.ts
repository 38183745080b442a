import { describe, expect, it } from 'vitest'
import { BreakerOpen, type BreakerOptions } from '../../src/guard/breaker.ts'
import { type BreakerRig, fail, pending, Refusal, refuse, succeed, withResolvers } from './breaker-rig.ts'

/** Checks what `Breaker` promises from its opening to its closing. */
export function reopeningContract(rig: BreakerRig) {
  describe('open', () => {
    it('refuses without calling, and says when to come back', async () => {
      const { breaker, times, advance } = rig.build()
      await times(3, fail)
      await advance(400)
      let calls = 0
      const refused = await breaker
        .run(async () => {
          calls += 1
        })
        .catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(BreakerOpen)
      expect((refused as BreakerOpen).retryAfterMs).toBe(600)
      expect(breaker.refusal()?.retryAfterMs).toBe(600)
      expect(calls).toBe(0)
    })

    it('becomes half-open by itself', async () => {
      const { breaker, times, advance } = rig.build()
      await times(3, fail)
      await advance(999)
      expect(breaker.state()).toBe('open')
      await advance(1)
      expect(breaker.state()).toBe('half-open')
    })

    it('stays open longer by its jitter', async () => {
      const { breaker, times, advance } = rig.build({}, 0.8)
      await times(3, fail)
      expect(breaker.refusal()?.retryAfterMs).toBe(1_400)
      await advance(1_399)
      expect(breaker.state()).toBe('open')
      await advance(1)
      expect(breaker.state()).toBe('half-open')
    })

    it('keeps to its jitter when the share of failures opened it', async () => {
      const { breaker, times, advance } = rig.build({ consecutiveFailures: 1_000 }, 0.8)
      await times(10, fail)
      expect(breaker.refusal()?.retryAfterMs).toBe(1_400)
      await advance(1_399)
      expect(breaker.state()).toBe('open')
      await advance(1)
      expect(breaker.state()).toBe('half-open')
    })

    it('is not reopened by a failure that was under way when it opened', async () => {
      const { breaker, times, advance } = rig.build()
      const late = pending()
      const running = breaker.run(late.call)
      await times(3, fail)
      await advance(900)
      late.fail()
      await expect(running).rejects.toThrow('late')
      await advance(100)
      expect(breaker.state()).toBe('half-open')
      expect(breaker.stats()).toEqual({ opened: 1, failures: 4, slow: 0 })
    })
  })

  describe('half-open', () => {
    async function halfOpen(options: Partial<BreakerOptions> = {}) {
      const built = rig.build(options)
      await built.times(3, fail)
      await built.advance(1_000)
      return built
    }

    it('lets exactly one probe through', async () => {
      const { breaker } = await halfOpen()
      const probe = pending()
      const running = breaker.run(probe.call)
      await expect(breaker.run(succeed)).rejects.toBeInstanceOf(BreakerOpen)
      expect(breaker.refusal()).toBeInstanceOf(BreakerOpen)
      probe.succeed()
      await running
      expect(breaker.state()).toBe('closed')
      expect(await breaker.run(succeed)).toBe('ok')
    })

    it('opens again, for its whole time, when the probe fails', async () => {
      const { breaker, times, advance } = await halfOpen()
      await times(1, fail)
      expect(breaker.state()).toBe('open')
      expect(breaker.stats()).toEqual({ opened: 2, failures: 4, slow: 0 })
      await advance(999)
      expect(breaker.state()).toBe('open')
      await advance(1)
      expect(breaker.state()).toBe('half-open')
    })

    it('opens again when the probe is slow', async () => {
      const { breaker, advance } = await halfOpen()
      const probe = pending()
      const running = breaker.run(probe.call)
      await advance(201)
      probe.succeed()
      await running
      expect(breaker.state()).toBe('open')
    })

    it('neither closes nor opens on a refusal, and takes the next probe', async () => {
      const { breaker, times } = await halfOpen()
      await times(1, refuse)
      expect(breaker.state()).toBe('half-open')
      expect(await breaker.run(succeed)).toBe('ok')
      expect(breaker.state()).toBe('closed')
    })

    it('is decided by its probe alone, not by calls from before', async () => {
      const { breaker, times, advance } = rig.build()
      const early = [pending(), pending()] as const
      const running = early.map(({ call }) => breaker.run(call).catch(() => {}))
      await times(3, fail)
      await advance(1_000)
      const probe = pending()
      const probing = breaker.run(probe.call)
      early[0].succeed()
      early[1].fail()
      await Promise.all(running)
      expect(breaker.state()).toBe('half-open')
      await expect(breaker.run(succeed)).rejects.toBeInstanceOf(BreakerOpen)
      probe.succeed()
      await probing
      expect(breaker.state()).toBe('closed')
    })

    it('keeps the place of its probe when a call from before is refused', async () => {
      const { breaker, times, advance } = rig.build()
      const early = withResolvers()
      const running = breaker.run(() => early.promise).catch(() => {})
      await times(3, fail)
      await advance(1_000)
      const probe = pending()
      const probing = breaker.run(probe.call)
      early.reject(new Refusal())
      await running
      expect(breaker.refusal()).toBeInstanceOf(BreakerOpen)
      probe.succeed()
      await probing
    })

    it('starts with a clean slate once closed', async () => {
      const { breaker, times, advance } = rig.build({ consecutiveFailures: 1_000 })
      await times(10, fail)
      await advance(1_000)
      await times(1, succeed)
      expect(breaker.state()).toBe('closed')
      await times(9, fail)
      expect(breaker.state()).toBe('closed')
      await times(1, fail)
      expect(breaker.state()).toBe('open')
    })
  })
}
