import { expect, it } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import { CopyChanges } from '../../src/cache/copy-changes.ts'
import { Keyspaces } from '../../src/keyspace/keyspaces.ts'
import { productPolicy } from '../support/use-cases.ts'

it('tells of each change of the number of copies once, and counts it', () => {
  const told: object[] = []
  const log = { ...silentLog, info: (fields: object) => told.push(fields) }
  const changes = new CopyChanges(new Keyspaces({ env: 'test', policies: [productPolicy()] }), log)
  const measured = { readsPerSecond: 900.4, share: 0.61251 }
  const rates = { readsPerSecond: 900, share: 0.613 }
  changes.decided('a', [
    { key: 'test:product:v1::42', from: 0, to: 3, ...measured },
    { key: 'test:gone:v1::1', from: 2, to: 1, ...measured },
  ])
  expect(told).toEqual([
    { event: 'hot_key_promoted', shard: 'a', keyspace: 'product', tenant: '', key: '42', from: 0, to: 3, ...rates },
    {
      event: 'hot_key_demoted',
      shard: 'a',
      keyspace: '',
      tenant: '',
      key: 'test:gone:v1::1',
      from: 2,
      to: 1,
      ...rates,
    },
  ])
  expect(changes.counts).toEqual({ promoted: 1, demoted: 1 })
})
