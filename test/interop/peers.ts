import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { beside, type Ended, type Peer, PYTHON, runProgram } from './peer.ts'

/** What is built for the peers, kept from run to run. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ringside-interop')

/** A first build fetches a compiler's worth of packages. */
const BUILD_LIMIT_MS = 15 * 60_000

/** A toolchain or a registry that is not to be had here: no fault of the server, and told as what it is. */
export class Absent extends Error {}

/** Clients by name: each gives its program, built when need be; rejects with `Absent` where it cannot be had here. */
export const PEERS: Readonly<Record<string, () => Promise<Peer>>> = {
  'C-core': async () => {
    await available('/usr/bin/python3', ['-c', 'import grpc'])
    return PYTHON
  },

  'grpc-go': async () => {
    const [cwd, program] = [beside('go'), join(CACHE, 'go-client')]
    await available('go', ['version'])
    await fetched(['go', 'mod', 'download'], cwd)
    await built(['go', 'build', '-o', program, '.'], cwd)
    return [program]
  },

  'grpc-java': async () => {
    const [cwd, folder] = [beside('java'), join(CACHE, 'java')]
    await available('mvn', ['-version'])
    await built(['mvn', '-q', '-B', 'package', `-Dinterop.build=${folder}`], cwd, /could not (transfer|be resolved)/i)
    return [
      'java',
      '-cp',
      [join(folder, 'client.jar'), join(folder, 'lib', '*')].join(delimiter),
      'ringside.interop.Client',
    ]
  },

  tonic: async () => {
    const [cwd, folder] = [beside('rust'), join(CACHE, 'rust')]
    await available('cargo', ['--version'])
    await fetched(['cargo', 'fetch', '--locked'], cwd)
    await built(['cargo', 'build', '-q', '--release', '--locked', '--offline', '--target-dir', folder], cwd)
    return [join(folder, 'release', 'interop')]
  },
}

/** Rejects with `Absent` where the program cannot be run. */
export async function available(program: string, args: readonly string[]): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  const ended = await runProgram([program, ...args]).catch(() => undefined)
  if (ended?.code !== 0) throw new Absent(`${program} ${args.join(' ')} does not run here`)
}

export async function fetched(
  command: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<void> {
  const ended = await runProgram(command, { cwd, env, limitMs: BUILD_LIMIT_MS })
  if (ended.code !== 0) throw new Absent(`${command.join(' ')}: ${lastLine(ended)}`)
}

async function built(command: readonly string[], cwd: string, outOfReach?: RegExp): Promise<void> {
  const ended = await runProgram(command, { cwd, limitMs: BUILD_LIMIT_MS })
  if (ended.code === 0) return
  const said = `${ended.stdout}${ended.stderr}`
  if (outOfReach?.test(said)) throw new Absent(`${command[0]}: ${said.match(outOfReach)?.[0]}`)
  throw new Error(`${command.join(' ')} ended with ${ended.code}:\n${said}`)
}

function lastLine({ stdout, stderr }: Ended): string {
  return `${stdout}${stderr}`.trim().split('\n').at(-1) ?? ''
}
