import { describe, expect, it } from 'vitest'
import { isFlushable } from '../../src/keyspace/flushable.ts'
import { copyName, errandName, keyPrefix, lockName, refreshLockName, tagName } from '../../src/keyspace/physical-key.ts'
import { backlogNames } from '../../src/store/backlog.ts'

const KEY = `${keyPrefix({ env: 'prod', keyspace: 'product', version: 3 })}acme:42`
const flushable = (name: string) => isFlushable(name, 'prod', (keyspace) => keyspace === 'product')

describe('what a flush may remove', () => {
  it('is a cached value, of whatever version, tenant and key, and its copies', () => {
    expect(flushable(KEY)).toBe(true)
    for (const name of ['prod:product:v1::42', 'prod:product:v12::~c1:x', 'prod:product:v1:t:a:b~c:\n%7B']) {
      expect(flushable(name)).toBe(true)
    }
    expect([copyName(KEY, 2), copyName(KEY, 2, 7)].map(flushable)).toEqual([true, true])
  })

  it('is nothing of another environment, whatever that is called', () => {
    for (const env of ['prod2', 'pro', 'Prod', 'prod.', 'preprod', '']) {
      expect(flushable(`${env}:product:v3:acme:42`)).toBe(false)
    }
    expect(flushable('other:prod:product:v1::42')).toBe(false)
  })

  it('is nothing of a keyspace that holds no values, or is not known', () => {
    expect(flushable('prod:views:v1::42')).toBe(false)
  })

  it('is no tag, no lock and no control key', () => {
    const { backlog, lease, dead } = backlogNames('prod')
    const locks = [lockName('prod', '', 'job'), errandName('prod', 'flush'), refreshLockName(KEY)]
    const controls = ['prod:~life', 'prod:~{tag}life', 'prod:~budget:catalog', 'prod:~heat', 'prod:~version:product']
    for (const name of [tagName(KEY, 'sale'), ...locks, backlog, lease, dead, ...controls]) {
      expect([name, flushable(name)]).toEqual([name, false])
    }
    expect(flushable('prod:product:v3:~z:acme:42')).toBe(false)
    expect(flushable('prod:product')).toBe(false)
    expect(flushable('prod:product:x::42')).toBe(false)
  })
})
