import { describe, expect, it, vi } from 'vitest'
import { NoticeBoard } from '../../src/store/notice-board.ts'
import type { Pulse } from '../../src/store/operations.ts'
import { pulseOf } from './pulse-of.ts'

/** The answer to what the board says now. */
function answer(board: NoticeBoard, pulse: Partial<Pulse>, isNew = false): void {
  board.say()
  board.heard(pulseOf(pulse), { me: 'me', isNew, isSettled: true })
}

describe('a notice', () => {
  it('has a part for each who has something to say', () => {
    const board = new NoticeBoard()
    board.post('ring', 'one')
    board.post('debts', 'two')
    const other = new NoticeBoard()
    answer(other, { members: ['me', 'a'], notices: [['a', board.say().notice]] })
    expect([...other.read('ring')]).toEqual([['a', 'one']])
    expect([...other.read('debts')]).toEqual([['a', 'two']])
    board.post('ring', '')
    board.post('debts', '')
    expect(board.say().notice).toBe('')
  })

  it('is said when a heartbeat that was sent with it is answered, and not before', () => {
    const board = new NoticeBoard()
    answer(board, {})
    expect(board.isAnswered).toBe(true)
    board.say()
    board.post('ring', 'one')
    board.heard(pulseOf(), { me: 'me', isNew: false, isSettled: true })
    expect(board.isAnswered).toBe(false)
    answer(board, {})
    expect(board.isAnswered).toBe(true)
    board.use({ number: 1, text: 'x' })
    expect(board.isAnswered).toBe(false)
  })

  it('is refused where it is too long, and what was said before stays', () => {
    const board = new NoticeBoard()
    board.post('ring', 'one')
    expect(() => board.post('ring', 'x'.repeat(17_000))).toThrow(RangeError)
    expect(board.say().notice).toBe('{"ring":"one"}')
  })

  it('that cannot be understood says nothing, as that of another release', () => {
    const board = new NoticeBoard()
    const notices = ['', 'nonsense', '3', 'null', '{"ring":3}'].map((text, index) => [`m${index}`, text] as const)
    answer(board, { members: ['me', ...notices.map(([member]) => member)], notices })
    expect(board.read('ring').size).toBe(0)
    expect(board.others.size).toBe(5)
  })
})

describe('the notices of others', () => {
  const said = [['a', '{"ring":"one"}']] as const

  it('stay while their members do', () => {
    const board = new NoticeBoard()
    answer(board, { members: ['me', 'a'], notices: said })
    answer(board, {})
    answer(board, { members: ['me', 'a', 'b'] })
    expect([...board.read('ring')]).toEqual([['a', 'one']])
    answer(board, { members: ['me', 'b'] })
    answer(board, { members: ['me', 'a', 'b'] })
    expect(board.read('ring').size).toBe(0)
  })

  it('are those of the present epoch alone', () => {
    const board = new NoticeBoard()
    answer(board, { members: ['me', 'a'], notices: said })
    answer(board, { members: ['me', 'a'] }, true)
    expect(board.read('ring').size).toBe(0)
  })

  it('are told to those who listen, until they have had enough', () => {
    const board = new NoticeBoard()
    const run = vi.fn()
    const stop = board.onHeard(run)
    answer(board, {})
    stop()
    answer(board, {})
    expect(run).toHaveBeenCalledTimes(1)
  })
})
