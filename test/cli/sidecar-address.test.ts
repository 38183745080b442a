import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sidecarAddress } from '../../src/cli/sidecar-address.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringside-cli-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

describe('where the command line finds its sidecar', () => {
  it('is what the flag says, else the environment as for the client, else where a sidecar listens by default', () => {
    const env = { RINGSIDE_SOCKET: '/run/r.sock', RINGSIDE_ADDR: '127.0.0.1:1' }
    expect(sidecarAddress({ address: 'host:2' }, env)).toEqual({ address: 'host:2', token: '' })
    expect(sidecarAddress({}, env)).toEqual({ address: 'unix:/run/r.sock', token: '' })
    expect(sidecarAddress({}, { RINGSIDE_ADDR: '127.0.0.1:1' })).toEqual({ address: '127.0.0.1:1', token: '' })
    expect(sidecarAddress({}, {})).toEqual({ address: '127.0.0.1:7400', token: '' })
  })

  it('lets it in by the first line of a file, that of the flag before that of the environment', () => {
    const [flag, env] = [join(folder, 'flag'), join(folder, 'env')]
    writeFileSync(flag, 'one\ntwo\n')
    writeFileSync(env, ' three ')
    expect(sidecarAddress({ 'token-file': flag }, { RINGSIDE_TOKEN_FILE: env }).token).toBe('one')
    expect(sidecarAddress({}, { RINGSIDE_TOKEN_FILE: env }).token).toBe('three')
    expect(() => sidecarAddress({ 'token-file': join(folder, 'none') }, {})).toThrow('ENOENT')
  })
})
