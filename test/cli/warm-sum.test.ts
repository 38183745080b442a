import { expect, it } from 'vitest'
import { jsonReport, warmReport } from '../../src/cli/warm-report.ts'
import { WarmSum } from '../../src/cli/warm-sum.ts'
import type { WarmProgress__Output } from '../../src/gen/ringside/v1/WarmProgress.ts'

const progress = (more: Partial<WarmProgress__Output>): WarmProgress__Output => ({
  ...{
    total: 0,
    loaded: 0,
    present: 0,
    missing: 0,
    failed: 0,
    keys_per_second: 0,
    cursor: '',
    done_at_cursor: 0,
    done: 0,
    left_ms: 0,
  },
  failures: [],
  ...more,
})

it('counts no key twice that was settled by a call which broke off, and found present by the next', () => {
  const sum = new WarmSum()
  const told = progress({ total: 100, loaded: 50, present: 5, done_at_cursor: 40, cursor: '40' })
  sum.during(told)
  expect([sum.done, sum.all]).toEqual([55, 100])
  sum.interrupt(told)
  expect(sum.done).toBe(55)
  sum.during(progress({ total: 60, present: 10 }))
  expect([sum.done, sum.all]).toEqual([55, 100])
  sum.add(progress({ total: 60, present: 20, loaded: 40 }))
  expect([sum.loaded, sum.present, sum.done]).toEqual([90, 10, 100])
})

it('takes one that breaks off before it has said anything for none', () => {
  const sum = new WarmSum()
  sum.interrupt(progress({ loaded: 50, done_at_cursor: 40 }))
  sum.interrupt(undefined)
  sum.add(progress({ present: 10, loaded: 10 }))
  expect([sum.loaded, sum.present]).toEqual([60, 0])
})

it('adds up what the slices of a file come to', () => {
  const sum = new WarmSum()
  sum.total = 30
  sum.add(
    progress({ total: 20, loaded: 18, failed: 2, failures: [{ key: 'a', reason: 'KEY_INVALID', message: 'no' }] }),
  )
  sum.during(progress({ total: 10, loaded: 5, keys_per_second: 5 }))
  expect([sum.done, sum.all, sum.leftMs, sum.failures.length]).toEqual([25, 30, 1_000, 1])
})

it('shows a bar where a line can be written over, lines now and then elsewhere, and JSON to programs', () => {
  const sum = new WarmSum().during(progress({ total: 100, loaded: 49, failed: 1, keys_per_second: 10 }))
  const written: string[] = []
  const write = (text: string) => void written.push(text)
  const clock = { now: () => 0 }
  warmReport({ clock, isLive: true, write }).progress(sum)
  expect(written.splice(0)).toEqual(['\r\x1b[K[############------------] 50/100 keys, 1 failed, 10 keys/s, 5s left'])
  const lines = warmReport({ clock, isLive: false, write })
  lines.progress(sum)
  lines.progress(sum)
  lines.done(sum)
  expect(written.splice(0)).toEqual([
    '50/100 keys, 1 failed, 10 keys/s, 5s left\n',
    '50 keys: 49 loaded, 0 present already, 0 that the origin does not have, 1 failed\n  and 1 more\n',
  ])
  jsonReport(write).done(sum)
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ done: true, total: 100, loaded: 49, failed: 1 })
})
