import { z } from 'zod'
import { parseDuration } from '../base/duration.ts'
import type { Parsed } from '../base/parsed.ts'
import { parseRate } from '../base/rate.ts'
import { parseShare } from '../base/share.ts'
import { parseSize } from '../base/size.ts'
import { NAME_ADVICE, NAME_PATTERN } from '../keyspace/name.ts'

type Scalar<T> = z.ZodType<T, unknown>

interface Range {
  readonly min?: string
  readonly max?: string
}

interface IntegerRange {
  readonly min: number
  readonly max: number
}

/**
 * A value written as one scalar. `advice` completes "must be …", `hint` is its JSON Schema; `parse` sees what the YAML
 * says and never what stands elsewhere.
 */
export function scalar<T>(advice: string, hint: object, parse: (input: unknown) => Parsed<T>): Scalar<T> {
  const checked = z.unknown().transform((input, context) => {
    const parsed: Parsed<T> = input === undefined ? { ok: false, why: `is missing; write ${advice}` } : parse(input)
    if (parsed.ok) return parsed.value
    context.issues.push({ code: 'custom', message: parsed.why, input })
    return z.NEVER
  })
  return checked.meta({ ...hint })
}

// Variables are replaced before a scalar is judged, but an editor sees the text with them.
const VARIABLE = '\\$\\{'
const FLAG_HINT = { type: ['boolean', 'string'], pattern: `^(true|false)$|${VARIABLE}` }

/** The only number without a unit is 0. */
function unitHint(units: string): object {
  return { type: ['string', 'integer'], pattern: `^(0|\\d+(\\.\\d+)?(${units}))$|${VARIABLE}`, minimum: 0, maximum: 0 }
}

function wrong(advice: string): { ok: false; why: string } {
  return { ok: false, why: `must be ${advice}` }
}

/** The text of a scalar whose unit decides its meaning; YAML reads `10` as a number. */
function written(input: unknown): string | undefined {
  if (typeof input === 'string') return input
  return typeof input === 'number' ? String(input) : undefined
}

/** A quantity with a unit, within `range` (inclusive, written like the quantity itself). */
function quantity(
  advice: string,
  json: object,
  parse: (text: string) => Parsed<number>,
  { min, max }: Range,
): Scalar<number> {
  const bound = (text: string | undefined, fallback: number) => {
    const parsed = text === undefined ? undefined : parse(text)
    return parsed?.ok ? parsed.value : fallback
  }
  const least = bound(min, 0)
  const most = bound(max, Number.MAX_SAFE_INTEGER)
  const allowed = max === undefined ? `at least ${min}` : `from ${min ?? 0} to ${max}`
  return scalar(advice, json, (input) => {
    const text = written(input)
    if (text === undefined) return wrong(advice)
    const parsed = parse(text)
    if (parsed.ok && (parsed.value < least || parsed.value > most)) return wrong(allowed)
    return parsed
  })
}

/** Milliseconds. */
export function duration(range: Range = {}): Scalar<number> {
  return quantity('a duration, such as 500ms, 3s or 10m', unitHint('ms|s|m|h|d'), parseDuration, range)
}

/** Bytes. */
export function size(range: Range = {}): Scalar<number> {
  return quantity('a size, such as 4KiB or 64MiB', unitHint('B|KB|KiB|MB|MiB|GB|GiB'), parseSize, range)
}

/** Bytes; `undefined` for `auto`. */
export function sizeOrAuto(): Scalar<number | undefined> {
  const json = { type: ['string', 'integer'], pattern: `^(auto|0|\\d+(\\.\\d+)?(B|KB|KiB|MB|MiB|GB|GiB))$|${VARIABLE}` }
  const advice = 'a size, such as 64MiB, or auto'
  return scalar<number | undefined>(advice, { ...json, minimum: 0, maximum: 0 }, (input) => {
    if (input === 'auto') return { ok: true, value: undefined }
    const text = written(input)
    return text === undefined ? wrong(advice) : parseSize(text)
  })
}

/** 0 to 1. */
export function share(range: Range = {}): Scalar<number> {
  const json = { type: 'string', pattern: `^\\d+(\\.\\d+)?%$|${VARIABLE}` }
  return quantity('a percentage, such as 10%', json, parseShare, range)
}

/** So many a second. */
export function rate(range: Range = {}): Scalar<number> {
  const json = { type: 'string', pattern: `^\\d+/s$|${VARIABLE}` }
  return quantity('a rate, such as 5000/s', json, parseRate, range)
}

export function integer({ min, max }: IntegerRange): Scalar<number> {
  const advice = `a whole number from ${min} to ${max}`
  const json = { type: ['integer', 'string'], minimum: min, maximum: max, pattern: `^\\d+$|${VARIABLE}` }
  return scalar(advice, json, (input) => {
    // A variable's value is always text.
    const value = typeof input === 'string' && /^\d{1,15}$/.test(input) ? Number(input) : input
    const right = Number.isInteger(value) && (value as number) >= min && (value as number) <= max
    return right ? { ok: true, value: value as number } : wrong(advice)
  })
}

export function flag(): Scalar<boolean> {
  return scalar('true or false', FLAG_HINT, (input) => {
    const value = asFlag(input)
    return value === undefined ? wrong('true or false') : { ok: true, value }
  })
}

/** `undefined` if it is neither true nor false. */
export function asFlag(input: unknown): boolean | undefined {
  if (input === true || input === 'true') return true
  return input === false || input === 'false' ? false : undefined
}

export function choice<const Value extends string>(values: readonly Value[]): Scalar<Value> {
  const advice = values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`
  const json = { anyOf: [{ enum: [...values] }, { type: 'string', pattern: VARIABLE }] }
  return scalar(advice, json, (input) => {
    const value = values.find((allowed) => allowed === input)
    return value === undefined ? wrong(advice) : { ok: true, value }
  })
}

/** Text that `isRight` accepts and `advice` describes. */
export function text(advice: string, json: object, isRight: (text: string) => boolean): Scalar<string> {
  return scalar(advice, { type: 'string', ...json }, (input) =>
    typeof input === 'string' && isRight(input) ? { ok: true, value: input } : wrong(advice),
  )
}

/** The name of an environment, keyspace, origin, shard or tenant. */
export function name(): Scalar<string> {
  const json = { pattern: `${NAME_PATTERN.source}|${VARIABLE}` }
  return text(`text of ${NAME_ADVICE}`, json, (input) => NAME_PATTERN.test(input))
}

/** The name under which an entry stands in a map. */
export function entryName(): Scalar<string> {
  const advice = `named with ${NAME_ADVICE}`
  return text(advice, { pattern: NAME_PATTERN.source }, (input) => NAME_PATTERN.test(input))
}
