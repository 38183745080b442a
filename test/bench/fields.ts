import { systemClock } from '../../src/base/clock.ts'
import { pickFields, type ValueEncoding } from '../../src/keyspace/value-encoding.ts'
import { packed } from '../../src/origin/msgpack-writer.ts'
import type { Check } from './check.ts'
import { median } from './run.ts'
import { table } from './table.ts'

const ROUNDS = 7
const PICKS = 20_000
const SIZES = [300, 2_000, 20_000]
const ASKED = new Set(['id', 'price', 'stock'])

/** A product as a shop has it, its description as long as it takes. */
function product(bytes: number): { readonly [name: string]: string | number | boolean | readonly string[] } {
  const rest = { id: 4_711, name: 'Desk lamp', price: 49.9, stock: 12, active: true, tags: ['light', 'desk', 'new'] }
  return {
    ...rest,
    description: 'It shines on all\nyour things. '.repeat(bytes / 32).slice(0, bytes - 130),
    sku: 'L-4711',
  }
}

function microsecondsOf(run: () => unknown): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const begunAt = systemClock.now()
    for (let pick = 0; pick < PICKS; pick += 1) run()
    return ((systemClock.now() - begunAt) * 1_000) / PICKS
  })
  return median(rounds)
}

/** What three fields of an object cost, beside decoding, picking and encoding again. */
export async function fieldsBenchmark(): Promise<{ text: string; checks: Check[] }> {
  const rows: string[][] = [['three fields of a value', 'bytes', 'JSON', 'by JSON.parse', 'MessagePack']]
  for (const size of SIZES) {
    const object = product(size)
    const text = Buffer.from(JSON.stringify(object))
    const values: Record<ValueEncoding, Buffer> = { json: text, msgpack: packed(object) }
    const [json, msgpack] = (['json', 'msgpack'] as const).map((encoding) =>
      microsecondsOf(() => pickFields(encoding, values[encoding], ASKED)),
    ) as [number, number]
    const parsed = microsecondsOf(() => {
      const whole = JSON.parse(text.toString()) as Record<string, unknown>
      return Buffer.from(JSON.stringify(Object.fromEntries([...ASKED].map((name) => [name, whole[name]]))))
    })
    rows.push([`${size} bytes`, String(text.length), ...[json, parsed, msgpack].map((us) => `${us.toFixed(2)} µs`)])
  }
  return { text: table(rows), checks: [] }
}
