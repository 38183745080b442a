import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { output } from './command.ts'

/** Kept from run to run: Debian's minimal root as one archive. */
const ARCHIVE = resolve('node_modules/.cache/kubernetes/bookworm.tar')
/** Where npm in the stand-in looks for the certificates of this machine, which are mounted for the time of a build. */
export const CERTIFICATES = '/etc/ssl/machine.crt'

/**
 * Puts an image under the name of the base that the Dockerfile begins with, where no registry is in reach: Debian of the
 * same release, with this machine's own Node.js and npm.
 */
export async function makeStandIn(base: string, folder: string): Promise<void> {
  if (!existsSync(ARCHIVE)) {
    mkdirSync(dirname(ARCHIVE), { recursive: true })
    await output('mmdebstrap', [
      '--quiet',
      '--variant=minbase',
      '--include=ca-certificates,libstdc++6',
      'bookworm',
      `${ARCHIVE}.part`,
    ])
    await output('mv', [`${ARCHIVE}.part`, ARCHIVE])
  }
  const container = await output('buildah', ['from', 'scratch'])
  const npmrc = join(folder, 'npmrc')
  writeFileSync(npmrc, `cafile=${CERTIFICATES}\n`)
  const npm = dirname(dirname(realpathSync(await output('which', ['npm']))))
  await output('buildah', ['add', '-q', container, ARCHIVE, '/'])
  await output('buildah', ['copy', '-q', container, process.execPath, '/usr/local/bin/node'])
  await output('buildah', ['copy', '-q', container, npm, '/usr/local/lib/node_modules/npm'])
  await output('buildah', ['copy', '-q', container, npmrc, '/root/.npmrc'])
  const link = ['ln', '-sf', '../lib/node_modules/npm/bin/npm-cli.js', '/usr/local/bin/npm']
  await output('buildah', ['run', container, '--', ...link])
  await output('buildah', [
    'config',
    '--env',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    container,
  ])
  await output('buildah', ['commit', '-q', '--rm', container, base])
}
