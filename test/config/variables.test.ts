// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own syntax
import { describe, expect, it } from 'vitest'
import { expandVariables } from '../../src/config/variables.ts'
import { configOf, EMBEDDED, problemsOf } from './loading.ts'

describe('a variable', () => {
  it('is replaced by its value wherever it stands in a text', () => {
    expect(expandVariables('a${X}b${Y}', { X: '1', Y: '' })).toEqual({ text: 'a1b', masked: 'a***b***', flaws: [] })
  })

  it('is not searched for in the value of another', () => {
    expect(expandVariables('${X}', { X: '${Y}', Y: 'no' }).text).toBe('${Y}')
  })

  it('is left alone after a second dollar sign', () => {
    expect(expandVariables('$${X} $$${X} $1 $$', { X: '1' })).toEqual({
      text: '${X} $${X} $1 $$',
      masked: undefined,
      flaws: [],
    })
  })

  it.each([
    ['${X}', 'needs the environment variable X, which is not set; set it, or write $${X} for the literal text'],
    ['${constructor}', 'needs the environment variable constructor, which is not set'],
    ['${}', 'names no variable'],
    ['${a b}', 'cannot name a variable'],
    ['${X', 'without its }'],
  ])('is a problem where it cannot be replaced: %s', (text, flaw) => {
    expect(expandVariables(text, {}).flaws).toEqual([expect.stringContaining(flaw)])
  })
})

describe('a variable in a configuration', () => {
  it('cannot change the structure, whatever it holds', () => {
    const secret = 'x"\n  then: { a: [b] } #: &*!|>'
    const config = configOf(
      `${EMBEDDED}origins: { app: { type: postgres, url: "postgres://h/db", load: "select '\${SECRET}', $1" } }`,
      { SECRET: secret },
    )
    expect(config.origins[0]).toMatchObject({ load: `select '${secret}', $1` })
    expect(config.origins).toHaveLength(1)
  })

  it('may stand for a number, a duration or a flag', () => {
    const config = configOf(`${EMBEDDED}limits: { batch: "\${N}" }\ndrain: \${D}\nnear: { prewarm: "\${F}" }`, {
      N: '7',
      D: '3s',
      F: 'false',
    })
    expect(config).toMatchObject({ limits: { batch: 7 }, drainMs: 3_000 })
  })

  it('that is not set is one problem with its name, path and line', () => {
    expect(
      problemsOf(
        `${EMBEDDED}drain: \${DRAIN}\nkeyspaces:\n  k: { consistency: tolerant, ttl: 1m, tenants: ["\${T}"] }`,
      ),
    ).toEqual([
      'drain (line 3): needs the environment variable DRAIN, which is not set; set it, or write $${DRAIN} for the literal text',
      'keyspaces.k.tenants[0] (line 5): needs the environment variable T, which is not set; set it, or write $${T} for the literal text',
    ])
  })
})
