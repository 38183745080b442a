import { expect, it } from 'vitest'
import { MemoryTracking } from '../../src/store/memory/memory-tracking.ts'

it('tells everybody who read a key of its next change, once', () => {
  const tracking = new MemoryTracking()
  const heard: string[] = []
  for (const name of ['a', 'b']) tracking.add('k', { changed: (key) => heard.push(`${name} ${key}`) })
  tracking.add('k', { changed: undefined })
  tracking.tell('k')
  tracking.tell('k')
  expect(heard).toEqual(['a k', 'b k'])
  expect(tracking.size).toBe(0)
})

it('tells nothing to who has gone', () => {
  const tracking = new MemoryTracking()
  const heard: unknown[] = []
  const client = { changed: (key: string | undefined) => heard.push(key) }
  tracking.add('k', client)
  tracking.forget(client)
  expect(tracking.size).toBe(0)
  tracking.tell('k')
  expect(heard).toEqual([])
})

it('forgets the oldest keys beyond its limit, and says that they have changed', () => {
  const tracking = new MemoryTracking(2)
  const heard: unknown[] = []
  const client = { changed: (key: string | undefined) => heard.push(key) }
  for (const key of ['1', '2', '1', '3', '4']) tracking.add(key, client)
  expect(heard).toEqual(['1', '2'])
  expect(tracking.size).toBe(2)
})
