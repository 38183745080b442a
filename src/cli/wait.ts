import { connect } from 'node:net'
import { type Clock, keptAlive, pause } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'

const TRY_EVERY_MS = 100
const TRY_FOR_MS = 60_000

/** Waits until a sidecar listens at `host:port` or `unix:path`. Rejects with `DEADLINE` when it has not after a minute. */
export async function waited(address: string, clock: Clock): Promise<string> {
  await keptAlive(untilListening(address, clock))
  return `a sidecar listens at ${address}\n`
}

async function untilListening(address: string, clock: Clock): Promise<void> {
  const endsAt = clock.now() + TRY_FOR_MS
  while (!(await listens(address))) {
    if (clock.now() >= endsAt) {
      throw new RingsideError('DEADLINE', `no sidecar listens at ${address} after ${TRY_FOR_MS / 1_000} s`)
    }
    await pause(clock, TRY_EVERY_MS)
  }
}

function listens(address: string): Promise<boolean> {
  const at = address.lastIndexOf(':')
  const place = address.startsWith('unix:')
    ? { path: address.slice('unix:'.length) }
    : { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) }
  return new Promise((resolve) => {
    const socket = connect(place)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
