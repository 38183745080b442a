import type { Parsed } from '../base/parsed.ts'

/** Text with places for the fields of an event, as plain data. */
export interface Template {
  /** As it was written. */
  readonly text: string
  /** In order: literal text, or the names that lead to a field. */
  readonly parts: readonly (string | readonly string[])[]
}

/** The fields of an event: what JSON holds, and the columns of a row as text. */
export type Fields = Readonly<Record<string, unknown>>

export const TEMPLATE_ADVICE =
  'text with fields in braces, such as `{id}` or `category:{category.id}`; `{{` stands for `{`'

const PIECE = /\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]/g

/** Reads `category:{category.id}`; `{{` and `}}` stand for braces. */
export function parseTemplate(text: string): Parsed<Template> {
  if (text === '') return { ok: false, why: `is empty; write ${TEMPLATE_ADVICE}` }
  const parts: (string | readonly string[])[] = []
  for (const [piece, field] of text.matchAll(PIECE)) {
    if (field !== undefined) {
      const names = field.split('.')
      if (names.some((name) => name.trim() === ''))
        return { ok: false, why: `has braces that name no field; write ${TEMPLATE_ADVICE}` }
      parts.push(names)
    } else if (piece === '{' || piece === '}') {
      return { ok: false, why: `has a ${piece} without its other half; write ${TEMPLATE_ADVICE}` }
    } else {
      parts.push(piece === '{{' || piece === '}}' ? piece.slice(1) : piece)
    }
  }
  return { ok: true, value: { text, parts } }
}

/** The first names of the fields that it needs: the columns, where the fields are those of a row. */
export function columnsOf({ parts }: Template): readonly string[] {
  return parts.flatMap((part) => (typeof part === 'string' ? [] : [part[0] as string]))
}

/** The text with the fields in their places; what is wrong with a field is the end of a sentence, without its value. */
export function fillTemplate({ parts }: Template, fields: Fields): Parsed<string> {
  let filled = ''
  for (const part of parts) {
    const text = typeof part === 'string' ? ({ ok: true, value: part } as const) : fieldText(part, fields)
    if (!text.ok) return text
    filled += text.value
  }
  return { ok: true, value: filled }
}

function fieldText(names: readonly string[], fields: Fields): Parsed<string> {
  let value: unknown = fields
  for (const name of names) {
    const holder = value as Record<string, unknown> | null | undefined
    value = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name) ? holder[name] : undefined
  }
  const field = names.join('.')
  switch (typeof value) {
    case 'string':
      return { ok: true, value }
    case 'boolean':
      return { ok: true, value: String(value) }
    case 'number':
      if (!Number.isInteger(value) || Number.isSafeInteger(value)) return { ok: true, value: String(value) }
      return { ok: false, why: `field ${field} is a number that JSON readers round; send it as a string` }
    default:
      if (value === null || value === undefined) return { ok: false, why: `field ${field} is missing` }
      return { ok: false, why: `field ${field} is neither text nor a number` }
  }
}
