import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { FileOrigin } from '../../src/origin/file-origin.ts'
import { TaggedValue } from '../../src/origin/tagged-value.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { originContract, patient } from './origin-contract.ts'

let directory: string
let files = 0

function fileOf(text: string): string {
  files += 1
  const path = join(directory, `${files}.jsonl`)
  writeFileSync(path, text)
  return path
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringside-file-origin-'))
})

afterAll(() => {
  rmSync(directory, { recursive: true })
})

describe('FileOrigin', () => {
  originContract(async (values) => {
    const lines = [...values].map(([key, value]) => `{"key":${JSON.stringify(key)},"value":${value}}\n`)
    return new FileOrigin({ name: 'demo', path: fileOf(lines.join('')), latencyMs: 0 }, { clock: systemClock })
  })

  it('serves the tags of a line with its value', async () => {
    const path = fileOf('{"key":"1","value":1,"tags":["a","b"]}\n{"key":"2","value":2}\n')
    const origin = new FileOrigin({ name: 'demo', path, latencyMs: 0 }, { clock: systemClock })
    await origin.start()
    const values = await origin.load({ keyspace: 'product', tenant: '' }, ['1', '2'], patient())
    expect(values.get('1')).toEqual(new TaggedValue(Buffer.from('1'), ['a', 'b']))
    expect(values.get('2')).toEqual(Buffer.from('2'))
  })

  it('takes its latency from the clock', async () => {
    const clock = new ManualClock()
    const path = fileOf('{"key":"1","value":true}\n\n')
    const origin = new FileOrigin({ name: 'demo', path, latencyMs: 20 }, { clock })
    await origin.start()
    let done = false
    const loading = origin.load({ keyspace: 'product', tenant: '' }, ['1'], patient()).then((values) => {
      done = true
      return values
    })
    await clock.advance(19)
    expect(done).toBe(false)
    await clock.advance(1)
    expect((await loading).get('1')?.toString()).toBe('true')
  })

  it.each([
    ['nonsense', '{"key":"1","value":1}\n{"key":', ':2 is not JSON'],
    ['a list', '[1]\n', ':1 is not an object'],
    ['a numeric key', '{"key":1,"value":1}\n', ':1 has no "key" that is a string'],
    ['an empty key', '{"key":"","value":1}\n', ':1 has no "key" that is a string'],
    ['no value', '\n{"key":"1"}\n', ':2 has no "value"'],
    ['a key twice', '{"key":"1","value":1}\n{"key":"1","value":2}\n', ':2 repeats the key "1"'],
  ])('names the line that holds %s', async (_, text, message) => {
    const path = fileOf(text)
    const origin = new FileOrigin({ name: 'demo', path, latencyMs: 0 }, { clock: systemClock })
    const error = await origin.start().catch((error: unknown) => error)
    expect(error).toMatchObject({ reason: 'CONFIG_INVALID', message: expect.stringContaining(path + message) })
  })

  it('says which file is missing', async () => {
    const origin = new FileOrigin({ name: 'demo', path: '/nowhere.jsonl', latencyMs: 0 }, { clock: systemClock })
    await expect(origin.start()).rejects.toMatchObject({
      reason: 'CONFIG_INVALID',
      message: 'origin demo cannot read /nowhere.jsonl (ENOENT)',
    })
  })
})
