import { systemChance } from '../../../src/base/chance.ts'
import { openJournal } from '../../../src/store/journal/open-journal.ts'

// Notes keys until it is killed, and tells of each that was acknowledged.
const [folder = ''] = process.argv.slice(2)
const journal = await openJournal({ folder, shard: 'a', maxBytes: 1 << 24 }, systemChance)
for (let round = 0; ; round += 1) {
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const key = `key-${round}-${index}`
      await journal.note(key, 0)
      process.stdout.write(`${key}\n`)
    }),
  )
  if (round % 50 === 49) await journal.renew()
}
