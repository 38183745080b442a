import { expect, it } from 'vitest'
import { Wakes } from '../../src/store/wakes.ts'

function rig() {
  const wakes = new Wakes()
  const woken: string[] = []
  const add = (key: string, name: string) => wakes.add(key, () => woken.push(name))
  return { wakes, woken, add }
}

it('wakes all who wait for a key, at each of its changes, and nobody else', () => {
  const { wakes, woken, add } = rig()
  add('k', 'a')
  add('k', 'b')
  add('other', 'c')
  wakes.wake('k')
  wakes.wake('k')
  expect(woken).toEqual(['a', 'b', 'a', 'b'])
})

it('wakes everybody when any key may have changed', () => {
  const { wakes, woken, add } = rig()
  add('k', 'a')
  add('other', 'b')
  wakes.wakeAll()
  expect(woken).toEqual(['a', 'b'])
})

it('wakes nobody who has stopped waiting', () => {
  const { wakes, woken, add } = rig()
  const stop = add('k', 'a')
  add('k', 'b')
  stop()
  wakes.wake('k')
  wakes.wakeAll()
  expect(woken).toEqual(['b', 'b'])
})

it('goes on waking those who came after the last one before them had left, though he leaves twice', () => {
  const { wakes, woken, add } = rig()
  const stop = add('k', 'a')
  stop()
  add('k', 'b')
  stop()
  wakes.wake('k')
  expect(woken).toEqual(['b'])
})

it('lets go of a waiter who stops as he is woken, and wakes the others all the same', () => {
  const { wakes, woken, add } = rig()
  const stop = wakes.add('k', () => stop())
  add('k', 'b')
  wakes.wake('k')
  wakes.wakeAll()
  expect(woken).toEqual(['b', 'b'])
})
