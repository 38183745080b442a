import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** A version from before this one, built. */
export interface FormerBuild {
  /** The commit it is of. */
  readonly commit: string
  /** Its `dist/main.js`. */
  readonly program: string
  remove(): void
}

const BUILT_FROM = ['src', 'proto', '.ci', 'package.json', 'tsconfig.json', 'tsconfig.build.json']

/**
 * Builds the commit before the checked out one, or the one that `RINGSIDE_FORMER` names, with the packages that are installed.
 * Throws where the checkout has no history.
 */
export function buildFormer(): FormerBuild {
  const wanted = process.env.RINGSIDE_FORMER ?? 'HEAD^'
  const commit = git('rev-parse', '--short', '--verify', '--quiet', `${wanted}^{commit}`).toString().trim()
  const folder = mkdtempSync(join(tmpdir(), 'ringside-former-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    execFileSync('tar', ['-x', '-C', folder], { input: git('archive', commit, ...BUILT_FROM) })
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
    execFileSync(process.execPath, [resolve('node_modules/.bin/tsc'), '-p', 'tsconfig.build.json'], { cwd: folder })
    execFileSync(process.execPath, ['.ci/copy-assets.js'], { cwd: folder })
    return { commit, program: join(folder, 'dist', 'main.js'), remove }
  } catch (error) {
    remove()
    throw error
  }
}

function git(...args: readonly string[]): Buffer {
  try {
    return execFileSync('git', args, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (cause) {
    const mend = 'fetch the history (git fetch --unshallow), or name a commit that is there in RINGSIDE_FORMER'
    throw new Error(`no former version to upgrade from: git ${args.join(' ')} failed; ${mend}`, { cause })
  }
}
