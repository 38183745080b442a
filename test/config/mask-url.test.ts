import { describe, expect, it } from 'vitest'
import { maskUrl } from '../../src/config/mask-url.ts'

describe('a masked URL', () => {
  it.each([
    ['redis://10.0.0.1:6379/0', 'redis://10.0.0.1:6379/0'],
    ['redis://user@h', 'redis://user@h'],
    ['redis://:hunter2@h:6379', 'redis://:***@h:6379'],
    ['rediss://user:hunter2@h/1', 'rediss://user:***@h/1'],
    ['postgres://user:hun@ter2@h/db?sslmode=require', 'postgres://user:***@h/db?sslmode=require'],
    ['postgres://user:1/hunter2@h/db', 'postgres://user:***@h/db'],
    ['postgres://user@h/db?password=hunter2&sslmode=require', 'postgres://user@h/db?password=***&sslmode=require'],
    ['***', '***'],
  ])('shows %s as %s', (url, shown) => {
    expect(maskUrl(url)).toBe(shown)
  })
})
