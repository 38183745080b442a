import type { Server, UntypedHandleCall } from '@grpc/grpc-js'

interface Endable {
  end(): void
  once(event: 'cancelled', listener: () => void): unknown
}

/**
 * Streams that last as long as their callers like, such as a health watch. A server that drains has to end them itself,
 * or it would wait for them to the last moment.
 */
export class LongStreams {
  readonly #open = new Set<Endable>()

  /** Stands in for `server` where a library adds its services, and remembers the streams that they open. */
  watching(server: Pick<Server, 'addService'>): Pick<Server, 'addService'> {
    return {
      addService: (definition, implementation) => {
        const watched = Object.entries(implementation).map(([name, run]) => [name, this.#watched(run)])
        server.addService(definition, Object.fromEntries(watched))
      },
    }
  }

  endAll(): void {
    for (const stream of this.#open) stream.end()
  }

  #watched(run: UntypedHandleCall): UntypedHandleCall {
    const start = run as (call: object, reply: unknown) => void
    return (call: object, reply: unknown) => {
      if (isEndable(call)) {
        this.#open.add(call)
        // The library says `cancelled` at every end of a stream, good or bad.
        call.once('cancelled', () => this.#open.delete(call))
      }
      start(call, reply)
    }
  }
}

/** Unary calls have no `end`. */
function isEndable(call: object): call is Endable {
  return 'end' in call && typeof call.end === 'function'
}
