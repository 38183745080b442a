import { beforeEach, describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { type Failure, failedOutcome, type Method, type OpenCall } from '../../src/rpc/call.ts'
import { Dispatcher } from '../../src/rpc/dispatcher.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { deferred } from './deferred.ts'
import { RecordingLog } from './recording-log.ts'
import { RecordingMeter } from './recording-meter.ts'

/** A call whose caller can be made to hang up. */
class HeldCall implements OpenCall<string> {
  readonly caller = ''
  readonly isLocal = false
  readonly token = ''
  readonly deadlineAt: number
  readonly answers: string[] = []
  readonly failures: Failure[] = []
  hangUp: () => void = () => {}

  constructor(deadlineAt = Infinity) {
    this.deadlineAt = deadlineAt
  }

  onGone(listener: () => void): void {
    this.hangUp = listener
  }

  answer(response: string): void {
    this.answers.push(response)
  }

  refuse(failure: Failure): void {
    this.failures.push(failure)
  }
}

function method(run: (request: string) => string | Promise<string>): Method<string, string> {
  return {
    name: 'Echo',
    run,
    count(meter, request, ending) {
      meter.count('Echo', request, ending instanceof RingsideError ? failedOutcome(ending.reason) : 'ok', 'none')
    },
  }
}

let clock: ManualClock
let meter: RecordingMeter
let log: RecordingLog
let dispatcher: Dispatcher
let overload: 'loop' | 'memory' | undefined

beforeEach(() => {
  overload = undefined
  clock = new ManualClock()
  meter = new RecordingMeter()
  log = new RecordingLog()
  dispatcher = new Dispatcher({ clock, log, meter, maxInFlight: 2, overload: () => overload })
})

describe('Dispatcher', () => {
  it('answers at once what is at hand', () => {
    const call = new HeldCall()
    dispatcher.dispatch(
      method((request) => `${request}!`),
      'a',
      call,
    )
    expect(call.answers).toStrictEqual(['a!'])
    expect(meter.results).toStrictEqual(['Echo a ok none'])
    expect(meter.calls).toStrictEqual(['Echo'])
  })

  it('lets as many calls wait as it is told while it runs', () => {
    const never = method(() => new Promise<string>(() => undefined))
    for (const name of ['a', 'b']) dispatcher.dispatch(never, name, new HeldCall())
    dispatcher.limitInFlight(3)
    dispatcher.dispatch(never, 'c', new HeldCall())
    expect(dispatcher.inFlight).toBe(3)
    dispatcher.limitInFlight(1)
    dispatcher.dispatch(never, 'd', new HeldCall())
    expect([dispatcher.inFlight, meter.results]).toEqual([3, ['Echo d in_flight_limit none']])
  })

  it('refuses a call whose deadline had passed when it arrived, without running the method', async () => {
    await clock.advance(50)
    let ran = false
    const call = new HeldCall(50)
    dispatcher.dispatch(
      method(() => {
        ran = true
        return 'late'
      }),
      'a',
      call,
    )
    expect(ran).toBe(false)
    expect(call.failures).toMatchObject([{ code: 4 }])
    expect(meter.results).toStrictEqual(['Echo a deadline none'])
  })

  it('refuses every call while the sidecar is overloaded, without running the method', () => {
    for (const cause of ['loop', 'memory'] as const) {
      overload = cause
      const call = new HeldCall()
      dispatcher.dispatch(
        method(() => {
          throw new Error('it ran')
        }),
        'a',
        call,
      )
      expect(call.failures).toMatchObject([{ code: 8, message: expect.stringMatching(/the sidecar .*retry later/) }])
    }
    expect(meter.results).toStrictEqual(['Echo a overloaded none', 'Echo a overloaded none'])
  })

  it('drops what a method says after its caller hung up, and counts the call once, as cancelled', async () => {
    const late = deferred<string>()
    const call = new HeldCall(60_000)
    dispatcher.dispatch(
      method(() => late.promise),
      'a',
      call,
    )
    call.hangUp()
    late.resolve('late')
    await clock.advance(0)
    expect(call.answers).toStrictEqual([])
    expect(meter.results).toStrictEqual(['Echo a cancelled none'])
    expect(meter.calls).toStrictEqual(['Echo'])
  })

  it('drops what a method says after the deadline, and counts the call once, as deadline', async () => {
    const late = deferred<string>()
    const call = new HeldCall(60_000)
    dispatcher.dispatch(
      method(() => late.promise),
      'a',
      call,
    )
    await clock.advance(60_000)
    call.hangUp()
    late.reject(new Error('too late to matter'))
    await clock.advance(0)
    expect(call.failures).toStrictEqual([])
    expect(meter.results).toStrictEqual(['Echo a deadline none'])
    expect(log.lines).toStrictEqual([])
  })

  it('counts an answered call once, though its engine says later that the caller is gone', async () => {
    const call = new HeldCall()
    dispatcher.dispatch(
      method(async () => 'done'),
      'a',
      call,
    )
    await clock.advance(0)
    call.hangUp()
    expect(call.answers).toStrictEqual(['done'])
    expect(meter.results).toStrictEqual(['Echo a ok none'])
  })

  it('refuses calls over the limit with a time to retry, and takes calls again when one has ended', async () => {
    const held = [deferred<string>(), deferred<string>()]
    for (const { promise } of held) {
      dispatcher.dispatch(
        method(() => promise),
        'held',
        new HeldCall(),
      )
    }
    expect(dispatcher.inFlight).toBe(2)
    const refused = new HeldCall()
    dispatcher.dispatch(
      method(() => 'no room'),
      'a',
      refused,
    )
    expect(refused.answers).toStrictEqual([])
    expect(refused.failures).toMatchObject([{ code: 8, message: expect.stringContaining('2 calls') }])

    held[0]!.reject(new RingsideError('SHARD_UNAVAILABLE', 'down'))
    await clock.advance(0)
    expect(dispatcher.inFlight).toBe(1)
    const taken = new HeldCall()
    dispatcher.dispatch(
      method(() => 'room'),
      'a',
      taken,
    )
    expect(taken.answers).toStrictEqual(['room'])
  })

  it('keeps a place taken by a call whose caller is gone until its method ends', async () => {
    const late = deferred<string>()
    const call = new HeldCall()
    dispatcher.dispatch(
      method(() => late.promise),
      'a',
      call,
    )
    call.hangUp()
    expect(dispatcher.inFlight).toBe(1)
    late.resolve('late')
    await clock.advance(0)
    expect(dispatcher.inFlight).toBe(0)
  })

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('secret of the house')
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('secret of the house'))],
  ])('hides a bug that %s behind a fixed message, and logs its cause once', async (_, run) => {
    const call = new HeldCall()
    dispatcher.dispatch(method(run), 'a', call)
    await clock.advance(0)
    expect(call.failures).toMatchObject([{ code: 13 }])
    expect(call.failures[0]!.message).not.toContain('secret')
    expect(call.failures[0]!.details.toString('latin1')).not.toContain('secret')
    expect(log.lines).toMatchObject([
      { level: 'error', fields: { method: 'Echo', cause: expect.stringContaining('secret of the house') } },
    ])
    expect(meter.results).toStrictEqual(['Echo a internal none'])
  })

  it('logs nothing about failures that are expected', async () => {
    dispatcher.dispatch(
      method(() => {
        throw new RingsideError('KEY_INVALID', 'key is empty')
      }),
      'a',
      new HeldCall(),
    )
    expect(log.lines).toStrictEqual([])
  })
})
