import { describe, expect, it } from 'vitest'
import { columnsOf, type Fields, fillTemplate, parseTemplate, type Template } from '../../src/events/template.ts'

function parsed(text: string): Template {
  const result = parseTemplate(text)
  if (!result.ok) throw new Error(result.why)
  return result.value
}

const filled = (text: string, fields: Fields) => {
  const result = fillTemplate(parsed(text), fields)
  return result.ok ? result.value : result.why
}

describe('a template', () => {
  it('puts fields in their places, also nested ones and numbers', () => {
    expect(filled('{id}', { id: '42' })).toBe('42')
    expect(filled('{shop}/{order.id}:{order.open}', { shop: 7, order: { id: 'x', open: true } })).toBe('7/x:true')
    expect(filled('{a}{b}', { a: '1', b: '2' })).toBe('12')
  })

  it('takes doubled braces for braces', () => {
    expect(filled('{{{id}}}', { id: '1' })).toBe('{1}')
    expect(filled('a{{b}}c', {})).toBe('a{b}c')
  })

  it('does not search what it has put in for further fields', () => {
    expect(filled('{a}', { a: '{b}', b: 'secret' })).toBe('{b}')
  })

  it.each(['', '{', '}', '{}', '{a', 'a}', '{a.}', '{.a}', '{a..b}', '{ }', '{{a}'])('cannot be %j', (text) => {
    expect(parseTemplate(text).ok).toBe(false)
  })

  it('knows which columns it needs', () => {
    expect(columnsOf(parsed('{tenant}/{data.id}-x'))).toEqual(['tenant', 'data'])
  })
})

describe('a field', () => {
  it.each([
    ['is missing', {}],
    ['is null', { id: null }],
  ])('that %s is told as missing', (_what, fields) => {
    expect(filled('{id}', fields)).toBe('field id is missing')
  })

  it('is none that every object has', () => {
    expect(filled('{constructor}', {})).toBe('field constructor is missing')
    expect(filled('{id.length}', { id: 'text' })).toBe('field id.length is missing')
  })

  it('that is a list or an object is no text', () => {
    expect(filled('{id}', { id: [1] })).toBe('field id is neither text nor a number')
  })

  it('that was rounded when it was read is refused, since another key would be meant', () => {
    expect(filled('{id}', JSON.parse('{"id":9007199254740993}'))).toContain('send it as a string')
    expect(filled('{id}', JSON.parse('{"id":9007199254740991}'))).toBe('9007199254740991')
    expect(filled('{id}', { id: 1.5 })).toBe('1.5')
  })
})
