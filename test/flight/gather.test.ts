import { describe, expect, it } from 'vitest'
import { Gather } from '../../src/flight/gather.ts'

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

describe('a gathering', () => {
  it('goes on when all have arrived, in one moment', async () => {
    const gather = new Gather()
    const [a, b] = [gather.join(), gather.join()]
    gather.seal()
    const order: string[] = []
    void a?.arrive().then(() => order.push('a'))
    await settled()
    expect(order).toEqual([])
    void b?.arrive().then(() => order.push('b'))
    await settled()
    expect(order).toEqual(['a', 'b'])
  })

  it('lets one go on at once who arrives after having left', async () => {
    const gather = new Gather()
    const a = gather.join()
    gather.seal()
    a?.leave()
    let gone = false
    void a?.arrive().then(() => {
      gone = true
    })
    await settled()
    expect(gone).toBe(true)
  })

  it('does not wait for those who leave, however often they say so', async () => {
    const gather = new Gather()
    const [a, b, c] = [gather.join(), gather.join(), gather.join()]
    gather.seal()
    let gone = false
    void a?.arrive().then(() => {
      gone = true
    })
    b?.leave()
    b?.leave()
    await settled()
    expect(gone).toBe(false)
    c?.leave()
    await settled()
    expect(gone).toBe(true)
  })

  it('waits for its seal, and lets nobody in afterwards', async () => {
    const gather = new Gather()
    let gone = false
    void gather
      .join()
      ?.arrive()
      .then(() => {
        gone = true
      })
    await settled()
    expect(gone).toBe(false)
    gather.seal()
    await settled()
    expect(gone).toBe(true)
    expect(gather.join()).toBeUndefined()
  })
})
