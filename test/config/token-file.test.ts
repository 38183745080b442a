import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { TokenFile } from '../../src/config/token-file.ts'
import { RecordingLog } from '../rpc/recording-log.ts'
import { until } from '../support/until.ts'

let folder: string
let file: TokenFile | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringside-token-'))
})

afterEach(async () => {
  file?.close()
  await rm(folder, { recursive: true, force: true })
})

async function started(path: string | undefined, log = new RecordingLog()): Promise<TokenFile> {
  file = new TokenFile(path, { clock: systemClock, log })
  await file.start()
  return file
}

describe('the file with the token', () => {
  it('holds it in its first line', async () => {
    const path = join(folder, 'token')
    await writeFile(path, ' secret \nnot this\n')
    expect((await started(path)).token).toBe('secret')
  })

  it('is read again when it changes, and no token is right once it is gone', async () => {
    const path = join(folder, 'token')
    await writeFile(path, 'one')
    const { token } = await started(path)
    expect(token).toBe('one')
    await writeFile(path, 'another')
    await until('the other token', () => file?.token === 'another')
    await rm(path)
    await until('no token', () => file?.token === undefined)
  })

  it('may come later: without it, or while it is empty, there is none, and the log says so', async () => {
    const log = new RecordingLog()
    const path = join(folder, 'token')
    expect((await started(path, log)).token).toBeUndefined()
    expect(log.lines.map(({ message }) => message)).toEqual(['admin.tokenFile cannot be read; no token is accepted'])
    await writeFile(path, '\n')
    await until('a word in the log', () => log.lines.length === 2)
    expect(file?.token).toBeUndefined()
    await writeFile(path, 'secret\n')
    await until('the token', () => file?.token === 'secret')
  })

  it('need not be: without a path there is no token', async () => {
    expect((await started(undefined)).token).toBeUndefined()
  })
})
