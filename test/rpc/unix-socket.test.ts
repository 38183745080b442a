import { spawn } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { createGrpcServer, type GrpcServer } from '../../src/rpc/grpc-server.ts'
import { CacheClient } from './client.ts'
import { ENGINE } from './engine-under-test.ts'
import { FakeCache } from './fake-cache.ts'
import { LIMITS, NO_TIER } from './harness.ts'
import { RecordingLog } from './recording-log.ts'
import { RecordingMeter } from './recording-meter.ts'

let folder: string
let log: RecordingLog
const servers: GrpcServer[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringside-socket-'))
  log = new RecordingLog()
})

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  await rm(folder, { recursive: true, force: true })
})

function serverOn(socket: string): GrpcServer {
  const listen = { tcp: { host: '127.0.0.1', port: 0 }, socket }
  const rest = {
    engine: ENGINE,
    limits: LIMITS,
    clock: systemClock,
    overload: () => undefined,
    admin: NO_TIER,
    log,
    meter: new RecordingMeter(),
  }
  const server = createGrpcServer({ cache: new FakeCache(), listen, ...rest })
  servers.push(server)
  return server
}

async function serves(target: string): Promise<boolean> {
  const client = new CacheClient(target)
  try {
    return (await client.get({ keyspace: 'product', key: '1' })).outcome === 'OUTCOME_NOT_FOUND'
  } finally {
    client.close()
  }
}

/** Leaves a socket behind as a killed process does. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('exit', resolve))
}

describe('the Unix socket', () => {
  it('is open to owner and group only, in a folder made for it', async () => {
    const path = join(folder, 'run', 'deep', 'ringside.sock')
    await serverOn(path).start()
    expect((await stat(path)).mode & 0o777).toBe(0o660)
    expect(await serves(`unix:${path}`)).toBe(true)
  })

  it('takes the place of a socket that a killed process left behind', async () => {
    const path = join(folder, 'ringside.sock')
    await leaveStaleSocket(path)
    expect((await stat(path)).isSocket()).toBe(true)
    await serverOn(path).start()
    expect(await serves(`unix:${path}`)).toBe(true)
  })

  it('leaves a socket alone that somebody serves, and says so', async () => {
    const path = join(folder, 'ringside.sock')
    await serverOn(path).start()
    const second = serverOn(path)
    await expect(second.start()).rejects.toMatchObject({
      reason: 'CONFIG_INVALID',
      message: expect.stringMatching(/listen\.socket: .* is in use by another process/),
    })
    expect(await serves(`unix:${path}`)).toBe(true)
  })

  it('does not remove a file that is no socket', async () => {
    const path = join(folder, 'notes.txt')
    await writeFile(path, 'mine')
    await expect(serverOn(path).start()).rejects.toMatchObject({
      reason: 'CONFIG_INVALID',
      message: expect.stringContaining('is not a socket'),
    })
    expect((await stat(path)).size).toBe(4)
  })

  it('is done without, and the log says so, where its folder cannot be made', async () => {
    await writeFile(join(folder, 'file'), '')
    const server = serverOn(join(folder, 'file', 'run', 'ringside.sock'))
    await server.start()
    expect(server.addresses().socket).toBeUndefined()
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { why: expect.stringContaining('ENOTDIR') } }])
    expect(await serves(server.addresses().tcp!)).toBe(true)
  })

  it('has a path that the system can hold', async () => {
    await expect(serverOn(join(folder, 'x'.repeat(100))).start()).rejects.toMatchObject({
      reason: 'CONFIG_INVALID',
      message: expect.stringContaining('107 bytes'),
    })
  })

  it('is gone after the server', async () => {
    const path = join(folder, 'ringside.sock')
    const server = serverOn(path)
    await server.start()
    await server.close()
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('the TCP port', () => {
  it('is named in the error when another process has it', async () => {
    const first = serverOn(join(folder, 'a.sock'))
    await first.start()
    const port = Number(first.addresses().tcp!.split(':')[1])
    const rest = {
      engine: ENGINE,
      limits: LIMITS,
      clock: systemClock,
      overload: () => undefined,
      admin: NO_TIER,
      log,
      meter: new RecordingMeter(),
    }
    const listen = { tcp: { host: '127.0.0.1', port }, socket: undefined }
    const second = createGrpcServer({ cache: new FakeCache(), listen, ...rest })
    servers.push(second)
    await expect(second.start()).rejects.toMatchObject({
      reason: 'CONFIG_INVALID',
      message: `listen.grpc: 127.0.0.1:${port} is in use by another process; stop it or choose another address`,
    })
  })
})
