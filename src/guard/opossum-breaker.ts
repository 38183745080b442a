import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import type { BreakerOptions, BreakerState } from './breaker.ts'
import { type BreakerParts, GatedBreaker } from './gated-breaker.ts'
import { WINDOW_SLOTS, WindowSlots } from './window-slots.ts'

/**
 * The production breaker. opossum keeps the state, the window and the timer to half-open. It is told of outcomes
 * instead of running the calls: so a call that is still under way, or was refused, weighs nothing in its ratio.
 */
export class OpossumBreaker extends GatedBreaker {
  readonly #circuit: CircuitBreaker<[failed: boolean], void>
  readonly #circuitOptions: CircuitBreaker.Options<[failed: boolean]>
  readonly #rotation = new EventEmitter()
  readonly #window: WindowSlots
  #probeAt = 0

  constructor(options: BreakerOptions, parts: BreakerParts) {
    super(options, parts)
    this.#window = new WindowSlots(parts.clock, options.windowMs)
    this.#circuitOptions = {
      name: options.name,
      timeout: false,
      // opossum opens above its threshold, this interface at it.
      errorThresholdPercentage: options.failureRatio * 100 - 1e-9,
      volumeThreshold: options.minimumCalls,
      rollingCountTimeout: options.windowMs,
      rollingCountBuckets: WINDOW_SLOTS,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      // Without this each breaker would run an interval of its own.
      rotateBucketController: this.#rotation,
    }
    this.#circuit = new CircuitBreaker(report, this.#circuitOptions)
  }

  protected current(): BreakerState {
    if (this.#circuit.closed) return 'closed'
    return this.#circuit.halfOpen ? 'half-open' : 'open'
  }

  protected count(failed: boolean): boolean {
    this.#rotate(this.#window.passed())
    if (failed) this.#drawOpening()
    // opossum counts a failure, and opens on it, before `fire` returns; its promise only repeats the outcome.
    this.#circuit.fire(failed).catch(() => {})
    return this.#circuit.opened
  }

  protected open(): void {
    if (this.#circuit.opened) return
    this.#drawOpening()
    this.#circuit.open()
  }

  protected reset(): void {
    this.#rotate(WINDOW_SLOTS)
    this.#circuit.close()
  }

  protected untilProbeMs(): number {
    return this.#probeAt - this.clock.now()
  }

  protected shutdown(): void {
    this.#circuit.shutdown()
  }

  /** opossum reads its timeout at the moment it opens, which may be inside `fire`: so it is drawn beforehand. */
  #drawOpening(): void {
    const openForMs = this.drawOpenForMs()
    this.#circuitOptions.resetTimeout = openForMs
    this.#probeAt = this.clock.now() + openForMs
  }

  #rotate(slots: number): void {
    for (let left = slots; left > 0; left -= 1) this.#rotation.emit('rotate')
  }
}

const FAILED = new Error('reported as failed')

function report(failed: boolean): Promise<void> {
  if (failed) throw FAILED
  return Promise.resolve()
}
