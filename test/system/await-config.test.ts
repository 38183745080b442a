import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CacheClient } from '../rpc/client.ts'
import { freePort } from '../support/free-port.ts'
import { runProgram } from '../support/program.ts'
import { until } from '../support/until.ts'

const GOOD = 'env: test\nshards: { topology: embedded }\nkeyspaces: { s: { consistency: tolerant, ttl: 1m } }\n'
const PROGRAM = resolve('dist/main.js')

let folder: string
let file: string
let ports: { grpc: number; admin: number; health: number }

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringside-await-'))
  file = join(folder, 'ringside.yaml')
  ports = { grpc: await freePort(), admin: await freePort(), health: await freePort() }
})

afterEach(() => rmSync(folder, { recursive: true }))

/** As in a pod: everything by the environment. */
const environment = () => ({
  RINGSIDE_CONFIG: file,
  RINGSIDE_LISTEN_GRPC: `127.0.0.1:${ports.grpc}`,
  RINGSIDE_LISTEN_SOCKET: join(folder, 's.sock'),
  RINGSIDE_LISTEN_ADMIN: `127.0.0.1:${ports.admin}`,
  RINGSIDE_LISTEN_HEALTH: `127.0.0.1:${ports.health}`,
})

function start(more: Record<string, string>) {
  const child = spawn(process.execPath, [PROGRAM], { env: { ...process.env, ...environment(), ...more } })
  const exited = once(child, 'exit') as Promise<[number | null]>
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
  }
  const stop = async () => {
    child.kill('SIGTERM')
    return (await exited)[0]
  }
  return { stop, log: () => log, hasEnded: () => child.exitCode !== null }
}

/** `undefined` while nobody answers, or whoever does goes on to something else. */
async function page(port: number, path: string): Promise<{ status: number; text: string } | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return { status: response.status, text: await response.text() }
  } catch {
    return undefined
  }
}

const put = (text: string) => {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

describe('a sidecar without a configuration that can be used', () => {
  it('ends with the reason, unless it is told to wait', async () => {
    const ended = await runProgram([], environment())
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('cannot be read (ENOENT)')])
  })

  it('waits for one where it is told to, says so to probes, and serves as soon as there is one', async () => {
    const sidecar = start({ RINGSIDE_AWAIT_CONFIG: 'true' })
    for (const port of [ports.admin, ports.health]) {
      await until('the probes', async () => (await page(port, '/readyz'))?.text.includes('ENOENT') ?? false)
      expect((await page(port, '/livez'))?.status).toBe(200)
      expect((await page(port, '/startupz'))?.status).toBe(503)
      expect((await page(port, '/readyz'))?.status).toBe(503)
      expect((await page(port, '/metrics'))?.text).toContain('ringside_config_in_force 0')
    }
    put('env: test\nshards: { topology: nonsense }\n')
    await until('the flaw', async () => (await page(ports.admin, '/readyz'))?.text.includes('shards.topology') ?? false)
    put(GOOD)
    await until('readiness', async () => {
      if (sidecar.hasEnded()) throw new Error(sidecar.log())
      return (await page(ports.admin, '/readyz'))?.status === 200
    })
    expect((await page(ports.health, '/startupz'))?.status).toBe(200)
    const client = new CacheClient(`127.0.0.1:${ports.grpc}`)
    expect(await client.get({ keyspace: 's', key: 'k' })).toMatchObject({ outcome: 'OUTCOME_MISS' })
    client.close()
    expect(await sidecar.stop()).toBe(0)
  })

  it('ends properly when it is told to stop before there is one', async () => {
    const sidecar = start({ RINGSIDE_AWAIT_CONFIG: 'true' })
    await until('the probes', async () => (await page(ports.admin, '/livez'))?.status === 200)
    expect(await sidecar.stop()).toBe(0)
  })
})

describe('a sidecar that is told to stop at the same moment as its app', () => {
  it('serves until the app has gone', async () => {
    put(GOOD)
    const sidecar = start({ RINGSIDE_LINGER: '30s' })
    await until('readiness', async () => (await page(ports.admin, '/readyz'))?.status === 200)
    const app = new CacheClient(`127.0.0.1:${ports.grpc}`)
    await app.get({ keyspace: 's', key: '1' })
    const stopped = sidecar.stop()
    await until('it to linger', () => sidecar.log().includes('waiting for callers to go'))
    expect(await app.get({ keyspace: 's', key: '2' })).toMatchObject({ outcome: 'OUTCOME_MISS' })
    expect((await page(ports.admin, '/readyz'))?.status).toBe(200)
    expect(sidecar.log()).not.toContain('draining')
    app.close()
    expect(await stopped).toBe(0)
  })
})

describe('the command wait', () => {
  it('ends when a sidecar listens', async () => {
    const waiting = runProgram(['wait', '--address', `127.0.0.1:${ports.grpc}`])
    put(GOOD)
    const sidecar = start({})
    expect(await waiting).toMatchObject({ code: 0, stdout: `a sidecar listens at 127.0.0.1:${ports.grpc}\n` })
    expect(await runProgram(['wait', '--address', `unix:${join(folder, 's.sock')}`])).toMatchObject({ code: 0 })
    expect(await sidecar.stop()).toBe(0)
  })
})

describe('the command injector', () => {
  it('refuses a command line that it does not understand, with its usage', async () => {
    const ended = await runProgram(['injector'])
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('--image is missing')])
    expect(ended.stderr).toContain('usage:')
  })

  it('names the variable that tells it where it runs', async () => {
    const ended = await runProgram(['injector', '--image', 'x'], { POD_NAMESPACE: '', POD_NAME: 'x' })
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('POD_NAMESPACE is not set')])
  })
})
