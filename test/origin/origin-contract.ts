import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { RingsideError } from '../../src/base/errors.ts'
import type { LoadContext, OriginAdapter } from '../../src/origin/origin.ts'

const SCOPE = { keyspace: 'product', tenant: '' }

const ODD_KEYS = [
  'a,b',
  '"quoted"',
  "it's",
  '{braces}',
  'back\\slash',
  'naïve ☃',
  'NULL',
  ' spaces ',
  'a:b',
  '%31',
  '0',
]

/** Gives a load plenty of time. */
export function patient(signal = new AbortController().signal): LoadContext {
  return { signal, deadlineAt: systemClock.now() + 30_000 }
}

/** An adapter over an origin that holds exactly these JSON texts, not started. */
export type MakeAdapter = (values: ReadonlyMap<string, string>) => Promise<OriginAdapter>

/** Checks what `OriginAdapter` promises. */
export function originContract(make: MakeAdapter) {
  const adapters: OriginAdapter[] = []

  afterEach(async () => {
    await Promise.all(adapters.splice(0).map((adapter) => adapter.close()))
  })

  async function start(values: Record<string, string>): Promise<OriginAdapter> {
    const adapter = await make(new Map(Object.entries(values)))
    adapters.push(adapter)
    await adapter.start()
    return adapter
  }

  async function load(adapter: OriginAdapter, keys: readonly string[]): Promise<Record<string, string>> {
    const values = await adapter.load(SCOPE, keys, patient())
    return Object.fromEntries([...values].map(([key, value]) => [key, value.toString()]))
  }

  describe('contract', () => {
    it('answers with what exists, byte for byte, and leaves out what does not', async () => {
      const adapter = await start({ '1': '{"name":"kettle"}', '2': '"naïve ☃"', '3': '[1,2]' })
      expect(await load(adapter, ['1', '2', '9'])).toEqual({ '1': '{"name":"kettle"}', '2': '"naïve ☃"' })
    })

    it('answers with nothing when nothing exists', async () => {
      const adapter = await start({ '1': '1' })
      expect(await load(adapter, ['7', '8'])).toEqual({})
    })

    it('takes an empty text, an empty list and a JSON null for values', async () => {
      const adapter = await start({ '1': '""', '2': '[]', '3': 'null' })
      expect(await load(adapter, ['1', '2', '3'])).toEqual({ '1': '""', '2': '[]', '3': 'null' })
    })

    it('finds keys of any spelling', async () => {
      const values = Object.fromEntries(ODD_KEYS.map((key, index) => [key, String(index)]))
      const adapter = await start(values)
      expect(await load(adapter, ODD_KEYS)).toEqual(values)
    })

    it('answers for hundreds of keys in one call', async () => {
      const values = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, `"${index}"`]))
      const adapter = await start(values)
      expect(await load(adapter, [...Object.keys(values), 'absent'])).toEqual(values)
    })

    it('does not mix up loads that run side by side', async () => {
      const adapter = await start({ '1': '"one"', '2': '"two"', '3': '"three"' })
      const answers = await Promise.all(['1', '2', '3', '4'].map((key) => load(adapter, [key])))
      expect(answers).toEqual([{ '1': '"one"' }, { '2': '"two"' }, { '3': '"three"' }, {}])
    })

    it('rejects a load that was aborted, with an error of ours', async () => {
      const adapter = await start({ '1': '1' })
      const error = await adapter.load(SCOPE, ['1'], patient(AbortSignal.abort())).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(RingsideError)
      expect(error).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
      expect(await load(adapter, ['1'])).toEqual({ '1': '1' })
    })

    it('rejects a load after it was closed, with an error of ours, and may be closed twice', async () => {
      const adapter = await start({ '1': '1' })
      await load(adapter, ['1'])
      await adapter.close()
      const error = await adapter.load(SCOPE, ['1'], patient()).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(RingsideError)
      expect(error).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
      await adapter.close()
    })
  })
}
