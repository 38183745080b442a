import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/config/problem.ts'
import { EMBEDDED_CONFIG, readConfig } from '../../src/config/read-config.ts'

async function embedded() {
  const result = await readConfig(EMBEDDED_CONFIG, {})
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.config
}

describe('the embedded configuration', () => {
  it('has three shards in memory, a product keyspace over a file and a cache-aside one', async () => {
    const config = await embedded()
    expect(config.env).toBe('local')
    expect(config.shards).toMatchObject({ topology: 'embedded', count: 3 })
    expect(config.origins).toMatchObject([{ name: 'catalog', type: 'file', latencyMs: 20 }])
    expect(config.keyspaces).toMatchObject([
      {
        name: 'product',
        consistency: 'bounded',
        boundMs: 5_000,
        ttlMs: 600_000,
        softTtlMs: 480_000,
        negativeTtlMs: 30_000,
        origin: 'catalog',
      },
      { name: 'session', consistency: 'tolerant', ttlMs: 1_800_000, origin: undefined },
    ])
  })

  it('has a catalogue of 1,000 products beside it, with ids from 1', async () => {
    const [origin] = (await embedded()).origins
    const lines = (await readFile(origin?.type === 'file' ? origin.path : '', 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(1_000)
    for (const [index, line] of lines.entries()) {
      const { key, value } = JSON.parse(line)
      expect(key).toBe(String(index + 1))
      expect(value.id).toBe(index + 1)
      expect(Object.keys(value)).toEqual(['id', 'name', 'category', 'price_cents', 'stock', 'description'])
    }
  })
})

describe('reading a configuration file', () => {
  it('tells why it cannot be read', async () => {
    const result = await readConfig('/nonexistent/ringside.yaml', {})
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([
      '(file): cannot be read (ENOENT); give the path of a YAML file that the sidecar may read',
    ])
  })

  it('takes paths in it from its own folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ringside-'))
    try {
      const file = join(folder, 'config.yaml')
      await writeFile(file, 'env: test\nshards: { topology: embedded }\norigins: { o: { type: file, path: data/x } }')
      const result = await readConfig(file, {})
      expect(result.ok && result.config.origins[0]).toMatchObject({ path: join(folder, 'data/x') })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
