import { z } from 'zod'
import { nearest } from '../base/nearest.ts'
import { type Path, pathId } from './path.ts'
import type { Report } from './problem.ts'

/** What could be made of a value; `undefined` if nothing. */
type Salvaged = { readonly value: unknown } | undefined

/**
 * Parses as zod does, but keeps what is right where zod gives up: every problem is reported, and the rules across
 * fields can still judge the rest. A field that is wrong is absent from the result, one that is optional and not
 * written is present as `undefined`.
 */
export class Salvage {
  readonly #broken: ReadonlySet<string>
  readonly #report: Report

  /** `broken`: paths that are reported already and count as wrong. */
  constructor(broken: ReadonlySet<string>, report: Report) {
    this.#broken = broken
    this.#report = report
  }

  parse(schema: unknown, input: unknown, path: Path): Salvaged {
    if (this.#broken.has(pathId(path))) return undefined
    if (input === null) return this.#wrong(path, 'has no value; write one or remove it')
    if (schema instanceof z.ZodOptional)
      return input === undefined ? { value: input } : this.parse(schema.unwrap(), input, path)
    if (schema instanceof z.ZodPrefault) return this.parse(schema.unwrap(), input ?? schema.def.defaultValue, path)
    if (schema instanceof z.ZodObject) return this.#parseObject(schema, input, path)
    if (schema instanceof z.ZodDiscriminatedUnion) return this.#parseUnion(schema, input, path)
    if (schema instanceof z.ZodRecord) return this.#parseRecord(schema, input, path)
    if (schema instanceof z.ZodArray) return this.#parseArray(schema, input, path)
    return this.#parseScalar(schema as z.ZodType, input, path)
  }

  #parseObject(schema: z.ZodObject, input: unknown, path: Path): Salvaged {
    if (!isMap(input)) return this.#wrong(path, `must be a map of ${Object.keys(schema.shape).join(', ')}`)
    const meant = this.#reportUnknown(input, Object.keys(schema.shape), path)
    const value: Record<string, unknown> = {}
    for (const [key, field] of Object.entries(schema.shape)) {
      if (meant.has(key) && input[key] === undefined) continue
      const part = this.parse(field, input[key], [...path, key])
      if (part !== undefined) value[key] = part.value
    }
    return { value }
  }

  /** Returns the keys that were probably meant: what stands under a misspelt one is wrong, not missing. */
  #reportUnknown(input: object, known: readonly string[], path: Path): ReadonlySet<string> {
    const allMeant = new Set<string>()
    for (const key of Object.keys(input)) {
      if (known.includes(key)) continue
      const meant = nearest(key, known)
      if (meant !== undefined) allMeant.add(meant)
      const mend = meant === undefined ? `allowed here: ${known.join(', ')}` : `did you mean \`${meant}\`?`
      this.#wrong([...path, key], `is not a known key; ${mend}`)
    }
    return allMeant
  }

  /** Without a right discriminator nothing else can be judged. */
  #parseUnion(schema: z.ZodDiscriminatedUnion, input: unknown, path: Path): Salvaged {
    if (!isMap(input)) return this.#wrong(path, 'must be a map')
    const { discriminator, options } = schema.def
    const tagPath = [...path, discriminator]
    if (this.#broken.has(pathId(tagPath))) return { value: {} }
    const known = new Map((options as z.ZodObject[]).map((option) => [tagOf(option, discriminator), option]))
    const option = known.get(input[discriminator])
    if (option !== undefined) return this.#parseObject(option, input, path)
    const allowed = `write one of ${[...known.keys()].join(', ')}`
    this.#wrong(tagPath, input[discriminator] === undefined ? `is missing; ${allowed}` : `is unknown; ${allowed}`)
    return { value: {} }
  }

  #parseRecord(schema: z.ZodRecord, input: unknown, path: Path): Salvaged {
    if (!isMap(input)) return this.#wrong(path, 'must be a map from names')
    const value: Record<string, unknown> = {}
    for (const [key, entry] of Object.entries(input)) {
      this.#parseScalar(schema.keyType as z.ZodType, key, [...path, key])
      value[key] = this.parse(schema.valueType, entry, [...path, key])?.value ?? {}
    }
    return { value }
  }

  #parseArray(schema: z.ZodArray, input: unknown, path: Path): Salvaged {
    if (!Array.isArray(input)) return this.#wrong(path, 'must be a list')
    return { value: input.map((item, index) => this.parse(schema.element, item, [...path, index])?.value ?? {}) }
  }

  #parseScalar(schema: z.ZodType, input: unknown, path: Path): Salvaged {
    if (this.#isBrokenWithin(path)) return undefined
    const result = schema.safeParse(input)
    if (result.success) return { value: result.data }
    for (const issue of result.error.issues) this.#report([...path, ...(issue.path as Path)], issue.message)
    return undefined
  }

  #isBrokenWithin(path: Path): boolean {
    const start = `${pathId(path).slice(0, -1)},`
    return [...this.#broken].some((id) => id.startsWith(start))
  }

  #wrong(path: Path, message: string): undefined {
    this.#report(path, message)
  }
}

function isMap(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}

function tagOf(option: z.ZodObject, discriminator: string): unknown {
  return (option.shape[discriminator] as z.ZodLiteral).value
}
