import { describe, expect, it } from 'vitest'
import { configOf, EMBEDDED, problemsOf } from './loading.ts'

describe('YAML that is wrong', () => {
  it('is a problem with its line, and nothing else is judged', () => {
    const problems = problemsOf('env: prod\nshards: { topology: [\nfleet: 3')
    expect(problems.length).toBeGreaterThan(0)
    for (const problem of problems) expect(problem).toMatch(/^\(file\) \(line \d\): is not valid YAML: /)
  })

  it('is not quoted, since it may hold a secret', () => {
    expect(problemsOf('env: "prod" hunter2\n').join()).toMatch(/^\(file\) \(line 1\): is not valid YAML: /)
    expect(problemsOf('env: "prod" hunter2\n').join()).not.toContain('hunter2')
  })

  it('may be a second document, an unknown tag or far too many brackets', () => {
    expect(problemsOf(`${EMBEDDED}---\nenv: b`)).toHaveLength(1)
    expect(problemsOf('env: !secret x\nshards: { topology: embedded }')[0]).toContain('(line 1): is not valid YAML')
    expect(problemsOf('['.repeat(50_000))).toEqual([expect.stringContaining('is not valid YAML')])
  })

  it('names a key that is written twice with both lines, and judges the first', () => {
    expect(problemsOf('env: "a:b"\nshards: { topology: embedded }\nenv: prod')).toEqual([
      expect.stringContaining('env (line 1): must be text'),
      'env (line 3): is written twice, first on line 1; keep one',
    ])
  })

  it('takes keys as they are written, so that 1 and "1" are the same', () => {
    const keyspace = '{ consistency: tolerant, ttl: 1m }'
    expect(problemsOf(`${EMBEDDED}keyspaces:\n  007: ${keyspace}\n  "007": ${keyspace}`)).toEqual([
      'keyspaces.007 (line 5): is written twice, first on line 4; keep one',
    ])
    expect(configOf(`${EMBEDDED}keyspaces: { 007: ${keyspace} }`).keyspaces[0]?.name).toBe('007')
  })

  it('has no keys that are lists or that reach for the prototype', () => {
    expect(problemsOf(`${EMBEDDED}? [a]\n: b`)).toEqual([expect.stringContaining('has a key that is no plain text')])
    expect(problemsOf(`${EMBEDDED}keyspaces:\n  __proto__: {}`)).toEqual([
      'keyspaces.__proto__ (line 4): cannot be a key; use another',
    ])
  })
})

describe('an alias', () => {
  it('stands for what it names', () => {
    const config = configOf(`${EMBEDDED}keyspaces:\n  a: &policy { consistency: tolerant, ttl: 1m }\n  b: *policy\n`)
    expect(config.keyspaces.map(({ name, ttlMs }) => [name, ttlMs])).toEqual([
      ['a', 60_000],
      ['b', 60_000],
    ])
  })

  it('is refused where it names nothing, itself or far too much', () => {
    expect(problemsOf(`${EMBEDDED}drain: *none`).join()).toContain('anchor')
    expect(problemsOf(`${EMBEDDED}lease: &self { ttl: *self }`).join()).toContain('nested more than 20 levels')
    const levels = Array.from({ length: 12 }, (_, level) => `l${level}: &l${level} [${`*l${level - 1},`.repeat(9)}]`)
    expect(problemsOf(`${EMBEDDED}l-1: &l-1 [x]\n${levels.join('\n')}`).join('\n')).toContain('more than 100000 values')
  })
})
