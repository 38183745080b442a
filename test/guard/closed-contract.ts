import { describe, expect, it } from 'vitest'
import { type Breaker, BreakerOpen } from '../../src/guard/breaker.ts'
import { type BreakerRig, fail, Judged, pending, refuse, succeed } from './breaker-rig.ts'

/** A call that takes so long, and brings a result. */
async function slowly(breaker: Breaker, advance: (ms: number) => Promise<void>, ms: number): Promise<string> {
  const { call, succeed: end } = pending()
  const running = breaker.run(call)
  await advance(ms)
  end()
  return running
}

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
      expect(breaker.stats()).toEqual({ opened: 1, failures: 3, slow: 0 })
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

    it('opens when the share of slow calls is reached, but not before enough calls, and delivers what they bring', async () => {
      const { breaker, advance, times } = rig.build()
      await times(4, succeed)
      for (let slow = 1; slow <= 6; slow += 1) {
        expect(breaker.state()).toBe('closed')
        expect(await slowly(breaker, advance, 201)).toBe('late')
      }
      expect(breaker.state()).toBe('open')
      expect(breaker.stats()).toEqual({ opened: 1, failures: 0, slow: 6 })
    })

    it('stays closed below the share of slow calls, however many of them come in a row', async () => {
      const { breaker, advance, times } = rig.build()
      await times(8, succeed)
      for (let slow = 0; slow < 7; slow += 1) await slowly(breaker, advance, 201)
      expect(breaker.state()).toBe('closed')
    })

    it('weighs slow calls and failures apart', async () => {
      const { breaker, advance, times } = rig.build({ failureRatio: 0.5 })
      for (let round = 0; round < 3; round += 1) {
        await times(1, succeed)
        await times(1, fail)
        await slowly(breaker, advance, 201)
      }
      await times(1, fail)
      expect(breaker.state()).toBe('closed')
    })

    it('forgets slow calls from before its window, and those from before it closed', async () => {
      const { breaker, advance, times } = rig.build()
      for (let slow = 0; slow < 9; slow += 1) await slowly(breaker, advance, 201)
      await advance(11_000)
      for (let slow = 0; slow < 9; slow += 1) await slowly(breaker, advance, 201)
      expect(breaker.state()).toBe('closed')
      await slowly(breaker, advance, 201)
      expect(breaker.state()).toBe('open')
      await advance(1_000)
      await times(1, succeed)
      expect(breaker.state()).toBe('closed')
      for (let slow = 0; slow < 9; slow += 1) await slowly(breaker, advance, 201)
      expect(breaker.state()).toBe('closed')
    })

    it('takes slowness for health where no limit is set', async () => {
      const { breaker, advance } = rig.build({ slow: undefined })
      for (let slow = 0; slow < 20; slow += 1) await slowly(breaker, advance, 60_000)
      expect(breaker.state()).toBe('closed')
      expect(breaker.stats()).toEqual({ opened: 0, failures: 0, slow: 0 })
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
