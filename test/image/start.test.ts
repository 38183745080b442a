import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingBytes, nearBudgetBytes } from '../../src/base/memory-budget.ts'

const MIB = 1024 * 1024
const START = resolve('image/start')

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringside-image-'))
  // In place of the real one: tells its arguments, and which process it is.
  writeFileSync(join(directory, 'node'), '#!/bin/sh\nprintf "%s\\n" "$$" "$@"\n')
  chmodSync(join(directory, 'node'), 0o755)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

interface Group {
  readonly version?: 1 | 2
  readonly limit: string
  readonly options?: string
}

/** How the image starts node in a container whose control group says this. */
function started({ version = 2, limit, options = '' }: Group): readonly string[] {
  const group = mkdtempSync(join(directory, 'group-'))
  mkdirSync(join(group, 'memory'))
  const file = version === 2 ? 'memory.max' : 'memory/memory.limit_in_bytes'
  writeFileSync(join(group, file), `${limit}\n`)
  const env = { PATH: `${directory}:${process.env.PATH}`, RINGSIDE_CGROUP: group, NODE_OPTIONS: options }
  return execFileSync('/bin/sh', [START, '--config', 'a b'], { env, encoding: 'utf8' }).trimEnd().split('\n').slice(1)
}

function flag(args: readonly string[], name: string): number {
  return Number(args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1))
}

describe('the start of the image', () => {
  it.each([1, 2] as const)(
    'gives node the heap that a container leaves it, by control groups of version %i',
    (version) => {
      const args = started({ version, limit: String(128 * MIB) })
      expect(args.slice(0, 2)).toEqual(['--max-old-space-size=48', '--max-semi-space-size=4'])
      expect(args[2]).toMatch(/dist\/main\.js$/)
      expect(args.slice(3)).toEqual(['--config', 'a b'])
    },
  )

  it.each([104, 128, 200, 256, 384, 512, 1_000, 2_048, 4_096, 65_536])(
    'has heap, near cache and the rest fit into %i MiB',
    (mib) => {
      const args = started({ limit: String(mib * MIB) })
      const heapMib = flag(args, '--max-old-space-size') + 3 * flag(args, '--max-semi-space-size')
      const containerBytes = mib * MIB
      const use = { containerBytes, heapBytes: heapMib * MIB, nearBytes: nearBudgetBytes(containerBytes) }
      expect(missingBytes(use)).toBe(0)
      expect(heapMib).toBeGreaterThanOrEqual(Math.min(35, mib))
    },
  )

  it('leaves a heap to live with in a container that is too small for it', () => {
    expect(started({ limit: String(64 * MIB) })[0]).toBe('--max-old-space-size=32')
  })

  it.each(['max', '9223372036854771712', '', 'nonsense'])('says nothing of the heap where the limit is %j', (limit) => {
    expect(started({ limit })[0]).toMatch(/dist\/main\.js$/)
  })

  it.each(['--max-old-space-size=99', '--inspect --max_old_space_size=99'])(
    'leaves it to NODE_OPTIONS=%s',
    (options) => {
      expect(started({ limit: String(128 * MIB), options })[0]).toMatch(/dist\/main\.js$/)
    },
  )

  it('hands its process over to node, which so hears of SIGTERM', () => {
    const script = 'echo $$; exec "$0"'
    const env = { PATH: `${directory}:${process.env.PATH}` }
    const [shell, node] = execFileSync('/bin/sh', ['-c', script, START], { env, encoding: 'utf8' }).split('\n')
    expect(node).toBe(shell)
  })
})
