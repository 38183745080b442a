import { describe, expect, it } from 'vitest'
import { BreakerOpen } from '../../src/guard/breaker.ts'
import { type BreakerRig, fail, Judged, pending, refuse, succeed } from './breaker-rig.ts'

/** Checks what `Breaker` promises while it is closed, and once it is closed for good. */
export function closedContract(rig: BreakerRig) {
  describe('closed', () => {
    it('settles as the call does', async () => {
      const { breaker } = rig.build()
      expect(await breaker.run(succeed)).toBe('ok')
      await expect(breaker.run(fail)).rejects.toThrow('down')
      expect(breaker.state()).toBe('closed')
    })

    it('opens on failures in a row', async () => {
      const { breaker, times } = rig.build()
      await times(2, fail)
      expect(breaker.state()).toBe('closed')
      await times(1, fail)
      expect(breaker.state()).toBe('open')
      expect(breaker.stats()).toEqual({ opened: 1, failures: 3 })
    })

    it('starts the row anew after a success', async () => {
      const { breaker, times } = rig.build()
      await times(2, fail)
      await times(1, succeed)
      await times(2, fail)
      expect(breaker.state()).toBe('closed')
    })

    it('opens when the share of failures is reached, but not before enough calls', async () => {
      const { breaker, times } = rig.build()
      for (let round = 0; round < 4; round += 1) {
        await times(1, succeed)
        await times(1, fail)
      }
      expect(breaker.state()).toBe('closed')
      await times(1, succeed)
      await times(1, fail)
      expect(breaker.state()).toBe('open')
    })

    it('stays closed below the share of failures', async () => {
      const { breaker, times } = rig.build()
      for (let round = 0; round < 20; round += 1) {
        await times(2, succeed)
        await times(1, fail)
      }
      expect(breaker.state()).toBe('closed')
    })

    it('can demand that all calls fail', async () => {
      const { breaker, times } = rig.build({ failureRatio: 1, consecutiveFailures: 1_000 })
      await times(9, fail)
      expect(breaker.state()).toBe('closed')
      await times(1, fail)
      expect(breaker.state()).toBe('open')
    })

    it('forgets what happened before its window', async () => {
      const { breaker, times, advance } = rig.build({ consecutiveFailures: 1_000 })
      await times(9, fail)
      await advance(11_000)
      await times(9, fail)
      expect(breaker.state()).toBe('closed')
      await times(1, fail)
      expect(breaker.state()).toBe('open')
    })

    it('remembers what happened within its window', async () => {
      const { breaker, times, advance } = rig.build({ consecutiveFailures: 1_000 })
      await times(9, fail)
      await advance(8_000)
      await times(1, fail)
      expect(breaker.state()).toBe('open')
    })

    it('weighs a call only when it has settled', async () => {
      const { breaker, times } = rig.build({ consecutiveFailures: 1_000 })
      const underWay = Array.from({ length: 50 }, pending)
      const running = underWay.map(({ call }) => breaker.run(call))
      await times(10, fail)
      expect(breaker.state()).toBe('open')
      for (const { succeed } of underWay) succeed()
      await Promise.all(running)
    })

    it('counts a slow call as a failure, and still delivers its result', async () => {
      const { breaker, advance } = rig.build()
      for (let slow = 0; slow < 3; slow += 1) {
        const { call, succeed } = pending()
        const running = breaker.run(call)
        await advance(201)
        succeed()
        expect(await running).toBe('late')
      }
      expect(breaker.state()).toBe('open')
    })

    it('takes slowness for health where no limit is set', async () => {
      const { breaker, advance } = rig.build({ slowAfterMs: undefined })
      for (let slow = 0; slow < 3; slow += 1) {
        const { call, succeed } = pending()
        const running = breaker.run(call)
        await advance(60_000)
        succeed()
        await running
      }
      expect(breaker.state()).toBe('closed')
      expect(breaker.stats().failures).toBe(0)
    })

    it('counts no refusal, neither as a failure nor as a success', async () => {
      const { breaker, times } = rig.build()
      await times(20, refuse)
      expect(breaker.state()).toBe('closed')
      await times(2, fail)
      await times(1, refuse)
      await times(1, fail)
      expect(breaker.state()).toBe('open')
      expect(breaker.stats().failures).toBe(3)
    })

    it('lets no refusal dilute the share of failures', async () => {
      const { breaker, times } = rig.build({ consecutiveFailures: 1_000 })
      await times(100, refuse)
      await times(9, fail)
      expect(breaker.state()).toBe('closed')
      await times(1, fail)
      expect(breaker.state()).toBe('open')
    })

    it('believes an error that brings its own verdict', async () => {
      const { breaker, times } = rig.build()
      await times(20, async () => {
        throw new Judged('refusal')
      })
      expect(breaker.state()).toBe('closed')
      await times(3, async () => {
        throw new Judged('failure')
      })
      expect(breaker.state()).toBe('open')
    })
  })

  it('refuses every call once closed for good, and leaves no timer behind', async () => {
    const { breaker, clock, times } = rig.build()
    await times(3, fail)
    breaker.close()
    breaker.close()
    expect(breaker.state()).toBe('open')
    expect(clock.pending).toBe(0)
    await expect(breaker.run(succeed)).rejects.toBeInstanceOf(BreakerOpen)
  })
}
