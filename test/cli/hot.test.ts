import { expect, it } from 'vitest'
import { hotTable } from '../../src/cli/hot.ts'
import type { HotKey__Output } from '../../src/gen/ringside/v1/HotKey.ts'

const hot: HotKey__Output = {
  keyspace: 'product',
  tenant: 'acme',
  key: '42',
  reads_per_second: 12_000.04,
  shard_share: 0.613,
  copies: 3,
  shard_reads_per_second: 900,
  writes_per_second: 0.25,
  copied_since_unix_ms: 1_000_000,
  own_reads_per_second: 60,
  own_shard_reads_per_second: 5,
  own_writes_per_second: 0,
}

it('shows hot keys as a table that people can read', () => {
  const cold = { ...hot, tenant: '', key: 'sale', reads_per_second: 3, copies: 0, copied_since_unix_ms: 0 }
  expect(hotTable([hot, cold], 1_065_300)).toBe(
    [
      'reads/s  at shards/s  writes/s  of its shard  copies  for  own reads/s  key',
      '12000.0        900.0       0.3        61.3 %       3  65s         60.0  product acme 42',
      '    3.0        900.0       0.3        61.3 %       0    -         60.0  product sale',
    ].join('\n'),
  )
})
