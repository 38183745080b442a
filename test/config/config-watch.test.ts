import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigWatch } from '../../src/config/config-watch.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { until } from '../support/until.ts'

let folder: string
let file: string
let clock: ManualClock
let changes: number
let watch: ConfigWatch

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringside-watch-'))
  file = join(folder, 'ringside.yaml')
  clock = new ManualClock()
  changes = 0
})

afterEach(() => {
  watch.close()
  rmSync(folder, { recursive: true })
})

async function counted(): Promise<void> {
  changes += 1
}

async function watching(onChanged = counted): Promise<void> {
  watch = new ConfigWatch(file, { clock, onChanged })
  await watch.start()
}

/** The watch looks so many times; each look takes as long as the file system does. */
async function looks(times: number): Promise<void> {
  for (let look = 0; look < times; look += 1) {
    await until('the next look', () => clock.pending > 0)
    await clock.advance(500)
  }
  await until('the end of the look', () => clock.pending > 0)
}

/** As the kubelet does it: a new folder, a new link to it, renamed over the old one. */
function swapConfigMap(text: string, version: number): void {
  mkdirSync(join(folder, `v${version}`))
  writeFileSync(join(folder, `v${version}`, 'ringside.yaml'), text)
  symlinkSync(`v${version}`, join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
}

function withResolvers() {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((yes) => {
    resolve = yes
  })
  return { promise, resolve }
}

describe('the watch on a configuration file', () => {
  it('says nothing while the file stays as it is', async () => {
    writeFileSync(file, 'a')
    await watching()
    await looks(5)
    expect(changes).toBe(0)
  })

  it('tells once of a change, as soon as the file has looked the same twice', async () => {
    writeFileSync(file, 'a')
    await watching()
    writeFileSync(file, 'bb')
    await looks(1)
    expect(changes).toBe(0)
    await looks(1)
    expect(changes).toBe(1)
    await looks(5)
    expect(changes).toBe(1)
  })

  it('does not read a file that is being written', async () => {
    writeFileSync(file, 'a')
    await watching()
    for (const text of ['b', 'bc', 'bcd', 'bcde']) {
      writeFileSync(file, text)
      await looks(1)
    }
    expect(changes).toBe(0)
    await looks(1)
    expect(changes).toBe(1)
  })

  it('follows the symbolic links that Kubernetes swaps', async () => {
    swapConfigMap('one', 1)
    symlinkSync('..data/ringside.yaml', file)
    await watching()
    swapConfigMap('two', 2)
    await looks(2)
    expect(changes).toBe(1)
  })

  it('tells that a file has gone, and that it is there again', async () => {
    writeFileSync(file, 'a')
    await watching()
    rmSync(file)
    await looks(2)
    expect(changes).toBe(1)
    writeFileSync(file, 'a')
    await looks(2)
    expect(changes).toBe(2)
  })

  it('waits for one change to be taken before it looks for the next, and ends when it is closed', async () => {
    const taking = withResolvers()
    writeFileSync(file, 'a')
    await watching(async () => {
      changes += 1
      await taking.promise
    })
    writeFileSync(file, 'bb')
    await looks(1)
    await clock.advance(500)
    await until('the change', () => changes === 1)
    expect(clock.pending).toBe(0)
    watch.close()
    taking.resolve()
    await clock.advance(10_000)
    expect(clock.pending).toBe(0)
  })
})
