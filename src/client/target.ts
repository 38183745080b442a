const DEFAULT_TARGET = '127.0.0.1:7400'

/** Where the sidecar is when nobody says otherwise: RINGSIDE_SOCKET, RINGSIDE_ADDR, or where it listens by default. */
export function defaultTarget(env: Readonly<Record<string, string | undefined>>): string {
  const { RINGSIDE_SOCKET: socket, RINGSIDE_ADDR: address } = env
  if (socket !== undefined && socket !== '') return socket.startsWith('unix:') ? socket : `unix:${socket}`
  if (address !== undefined && address !== '') return address
  return DEFAULT_TARGET
}
