import { describe, expect, it } from 'vitest'
import { type ChangeSource, changesTable, tortureChanges } from './torture-changes.ts'

const SOURCES: readonly ChangeSource[] = ['postgres-replication', 'postgres-outbox']

describe('rows that change behind the back of four sidecars', () => {
  it.each(SOURCES)(
    'are seen through all of them, also when the consumer is killed: %s',
    async (source) => {
      const tortured = await tortureChanges({ source, changes: 300, onProgress: () => undefined })
      process.stdout.write(`${source}\n${changesTable(tortured)}\n`)
      expect(tortured.stale).toEqual([])
      expect(tortured.calm.count).toBe(300)
      expect(tortured.whileKilled.count).toBe(30)
    },
    180_000,
  )
})
