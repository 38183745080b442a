import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { configJsonSchema, configJsonSchemaText } from '../../src/config/json-schema.ts'
import { UNAVAILABLE } from '../../src/config/unavailable.ts'

interface Schema {
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | false
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

interface Key {
  readonly path: string
  readonly schema: Schema
  readonly required: boolean
}

/** Every key that a file may have, as the reference writes it; a key that several kinds of origin have comes once. */
function keysOf(schema: Schema, path = ''): readonly Key[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const inner = path === '' ? name : `${path}.${name}`
    const required = schema.required?.includes(name) ?? false
    return [{ path: inner, schema: property, required }, ...keysOf(property, inner)]
  })
  const entries = schema.additionalProperties ? keysOf(schema.additionalProperties, `${path}.<name>`) : []
  const items = schema.items ? keysOf(schema.items, `${path}[]`) : []
  const either = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((option) => keysOf(option, path))
  const keys = [...own, ...entries, ...items, ...either]
  return [...new Map(keys.map((key) => [key.path, key])).values()]
}

const allKeys = keysOf(configJsonSchema() as Schema)
const paths = new Set(allKeys.map(({ path }) => path))
/** Keys that hold a value, not only other keys. */
const valueKeys = allKeys.filter(({ path }) => {
  const holdsMore = [...paths].some(
    (other) => other !== path && /^[.[]/.test(other.slice(path.length)) && other.startsWith(path),
  )
  return !holdsMore || path === 'keyspaces.<name>.near'
})

async function tableRows(heading: RegExp): Promise<readonly (readonly string[])[]> {
  const text = await readFile('docs/configuration.md', 'utf8')
  const sections = text.split(/^## /m).filter((section) => heading.test(section))
  const lines = sections.flatMap((section) => section.split('\n')).filter((line) => line.startsWith('| `'))
  return lines.map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  )
}

describe('the JSON Schema for editors', () => {
  it('is the one in docs/config.schema.json', async () => {
    const written = await readFile('docs/config.schema.json', 'utf8')
    const mend =
      'docs/config.schema.json is out of date; run: npx tsx src/config/json-schema.ts > docs/config.schema.json'
    expect(written === configJsonSchemaText(), mend).toBe(true)
  })

  it('describes every key', () => {
    expect(allKeys.length).toBeGreaterThan(60)
    expect(allKeys.filter(({ schema }) => !schema.description).map(({ path }) => path)).toEqual([])
  })

  it('admits no other keys, anywhere', () => {
    let closed = 0
    JSON.stringify(configJsonSchema(), (_key, schema: Schema) => {
      // A map of schemas under the name `properties` has no `type` of its own that is text.
      if ((schema as { type?: unknown } | null)?.type !== 'object' || schema.properties === undefined) return schema
      expect(schema.additionalProperties).toBe(false)
      closed += 1
      return schema
    })
    expect(closed).toBeGreaterThan(15)
  })
})

/** Defaults that are not written as they print. */
const WRITTEN = new Map([
  ['""', '""'],
  ['[]', '[]'],
])

describe('the reference in docs/configuration.md', () => {
  it('lists exactly the keys there are', async () => {
    const rows = await tableRows(/^(?!Not available)/)
    const listed = rows.map(([key]) => key?.replaceAll('`', ''))
    expect(listed.toSorted()).toEqual(valueKeys.map(({ path }) => path).toSorted())
  })

  it('tells the defaults there are, and which keys are required', async () => {
    const rows = new Map((await tableRows(/^(?!Not available)/)).map(([key, , fallback]) => [key, fallback]))
    for (const { path, schema, required } of valueKeys) {
      const told = rows.get(`\`${path}\``)
      if (required) expect(told, path).toBe('required')
      else if (schema.default !== undefined)
        expect(told, path).toBe(`\`${WRITTEN.get(JSON.stringify(schema.default)) ?? schema.default}\``)
      else expect(told, path).not.toMatch(/^(required$|`[^`]*`$|$)/)
    }
  })

  it('lists exactly what is not available yet', async () => {
    const rows = await tableRows(/^Not available yet/)
    expect(rows.map(([key]) => key)).toEqual(UNAVAILABLE.map(({ path }) => `\`${path}\``))
  })
})
