import {
  experimental,
  type Metadata,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
} from '@grpc/grpc-js'

/** What our own engine calls the peer of a Unix socket; the library has no name for it. */
const SOCKET_PEER = 'unix:'

/** What both engines tell of a call. */
interface EngineFacts {
  readonly metadata: Metadata
  getPeer(): string
}

/**
 * Which calls came by the Unix socket, told by the listener that took their connection. The address of a peer would not
 * do: that of a TCP connection which was reset at once is as empty as a socket's.
 */
export class SocketCalls {
  readonly #known = new WeakSet<Metadata>()

  /** For the library to bind the Unix socket with. Our own engine needs none. */
  credentials(): ServerCredentials {
    const note: ServerInterceptor = (_method, call) =>
      new ServerInterceptingCall(call, {
        start: (next) =>
          next({
            onReceiveMetadata: (metadata, proceed) => {
              this.#known.add(metadata)
              proceed(metadata)
            },
          }),
      })
    return experimental.createServerCredentialsWithInterceptors(ServerCredentials.createInsecure(), [note])
  }

  has(call: EngineFacts): boolean {
    return call.getPeer() === SOCKET_PEER || this.#known.has(call.metadata)
  }
}
