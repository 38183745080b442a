import { readFileSync } from 'node:fs'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'

const text = readFileSync('Dockerfile', 'utf8')
const last = text.slice(text.lastIndexOf('\nFROM '))

describe('the image', () => {
  it('is made by a Dockerfile that a linter has nothing against', () => {
    expect(validate(text).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)).toEqual([])
  })

  it('is based on one version, the same in every stage', () => {
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)
    expect(new Set(bases).size).toBe(1)
    expect(bases[0]).toMatch(/^node:\d+\.\d+\.\d+-/)
  })

  it('runs node itself, as a user whose number Kubernetes can tell from root', () => {
    expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
    expect(last).toMatch(/^ENTRYPOINT \["\/app\/image\/start"\]$/m)
    expect(readFileSync('image/start', 'utf8')).toMatch(/^exec node .*\n$/m)
    expect(last).not.toMatch(/^(RUN|HEALTHCHECK|CMD) /m)
  })

  it('has in it what runs, and no tests, sources or packages for development', () => {
    const copied = [...last.matchAll(/^COPY --from=build \/app\/(\S+) /gm)].map(([, path]) => path)
    expect(copied).toEqual(['package.json', 'node_modules', 'dist', 'proto'])
    expect(text).toContain('npm prune --omit=dev')
    expect(readFileSync('.dockerignore', 'utf8').split('\n')).toEqual(
      expect.arrayContaining(['.git', 'node_modules', 'dist', 'test', 'docs', 'k8s']),
    )
  })
})
