import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beside, runProgram } from './peer.ts'
import { available, CACHE, fetched } from './peers.ts'

const VERSION = 'v2.2.1+incompatible'
const PROGRAM = join(CACHE, `h2spec-${VERSION}`)

export interface SpecResult {
  readonly passed: number
  readonly skipped: readonly string[]
  readonly failed: readonly { readonly name: string; readonly why: string }[]
}

/** Runs all of h2spec; rejects with `Absent` where it cannot be had. */
export async function runH2spec(target: string): Promise<SpecResult> {
  await installed()
  const folder = mkdtempSync(join(tmpdir(), 'ringside-h2spec-'))
  const report = join(folder, 'report.xml')
  const [host = '', port = ''] = target.split(':')
  try {
    const { code, stderr } = await runProgram(
      [PROGRAM, 'generic', 'http2', 'hpack', '--strict', '-h', host, '-p', port, '-j', report],
      {
        limitMs: 10 * 60_000,
      },
    )
    // 0 and 1 are its verdicts; all else is an end of another kind.
    if (code !== 0 && code !== 1) throw new Error(`h2spec ended with ${code}: ${stderr}`)
    return resultOf(readFileSync(report, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function installed(): Promise<void> {
  if ((await runProgram([PROGRAM, '--version']).catch(() => undefined))?.code === 0) return
  await available('go', ['version'])
  const bin = join(CACHE, 'bin')
  await fetched(['go', 'install', `github.com/summerwind/h2spec/cmd/h2spec@${VERSION}`], beside('.'), { GOBIN: bin })
  await fetched(['mv', join(bin, 'h2spec'), PROGRAM], CACHE)
}

/** Reads its report in the form of JUnit. */
export function resultOf(report: string): SpecResult {
  const cases = [
    ...report.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g),
  ].map(([, section = '', title = '', body = '']) => ({ name: unescaped(`${section}: ${title}`), body }))
  const failing = cases.filter(({ body }) => /<(error|failure)/.test(body))
  const skipped = cases.filter(({ body }) => body.includes('<skipped'))
  return {
    passed: cases.length - failing.length - skipped.length,
    skipped: skipped.map(({ name }) => name),
    failed: failing.map(({ name, body }) => {
      const lines = unescaped(body.replaceAll(/<[^>]*>/g, '').trim()).split('\n')
      return { name, why: `expected ${lines.slice(0, -1).join(' or ')}, got ${lines.at(-1)}` }
    }),
  }
}

function unescaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#34': '"', '#39': "'", amp: '&' }
  return text.replaceAll(/&(#?\w+);/g, (whole, name: string) => entities[name] ?? whole)
}
