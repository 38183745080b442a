import { type Metadata, type MethodDefinition, status, type UntypedHandleCall } from '@grpc/grpc-js'
import { DuplexCall, ReadingCall, UnaryCall, WritingCall } from './call-objects.ts'
import type { ServerRpc } from './server-rpc.ts'
import { statusOf } from './status-of.ts'

type Callback = (error: unknown, value?: unknown, trailer?: Metadata) => void
type Handler = (call: object, callback?: Callback) => void

/** Hands a call to its handler, in the form that grpc-js gives to handlers of its kind. */
export function serve(
  rpc: ServerRpc,
  { requestStream, responseStream }: MethodDefinition<unknown, unknown>,
  handler: UntypedHandleCall,
): void {
  const run = handler as unknown as Handler
  if (requestStream) startStreaming(rpc, run, responseStream)
  else startWhenAsked(rpc, run, responseStream)
}

/** One request: the handler begins when it is there. */
function startWhenAsked(rpc: ServerRpc, run: Handler, responseStream: boolean): void {
  let request: unknown
  let count = 0
  const call = responseStream ? new WritingCall(rpc) : new UnaryCall(rpc)
  rpc.events = {
    message(value) {
      count += 1
      request = value
      if (count === 2) rpc.finish({ code: status.UNIMPLEMENTED, details: 'a second request in a call that takes one' })
    },
    halfClosed() {
      if (count === 0) return rpc.finish({ code: status.UNIMPLEMENTED, details: 'a call without its request' })
      call.request = request
      attempt(rpc, () => run(call, responseStream ? undefined : callbackOf(rpc)))
    },
    cancelled: () => call.emit('cancelled', 'cancelled'),
    drained: () => (call instanceof WritingCall ? call.proceed() : undefined),
  }
}

function startStreaming(rpc: ServerRpc, run: Handler, responseStream: boolean): void {
  const call = responseStream ? new DuplexCall(rpc) : new ReadingCall(rpc)
  rpc.events = {
    message(value) {
      if (!call.push(value)) rpc.pause()
    },
    halfClosed: () => void call.push(null),
    cancelled() {
      call.emit('cancelled', 'cancelled')
      call.push(null)
    },
    drained: () => (call instanceof DuplexCall ? call.proceed() : undefined),
  }
  attempt(rpc, () => run(call, responseStream ? undefined : callbackOf(rpc)))
}

function attempt(rpc: ServerRpc, run: () => void): void {
  try {
    run()
  } catch (error) {
    rpc.finish(statusOf(error))
  }
}

function callbackOf(rpc: ServerRpc): Callback {
  return (error, value, trailer) => {
    if (error) return rpc.finish(statusOf(error, trailer))
    rpc.send(value)
    rpc.finish({ code: status.OK, details: '', metadata: trailer })
  }
}
