import { HttpServer } from './admin/http-server.ts'
import type { Readiness } from './admin/readiness.ts'
import { parseAddress } from './base/address.ts'
import type { Clock } from './base/clock.ts'
import { RingsideError } from './base/errors.ts'
import type { Log } from './base/log.ts'
import type { Config } from './config/config.ts'
import { ConfigWatch } from './config/config-watch.ts'
import type { LoadResult } from './config/load-config.ts'
import { formatProblem } from './config/problem.ts'
import type { Environment } from './config/variables.ts'

export interface AwaitConfigParts {
  /** Reads the file anew. */
  readonly read: () => Promise<LoadResult>
  readonly env: Environment
  readonly clock: Clock
  readonly log: Log
  /** Resolves when there is nothing to be waited for any more. */
  readonly stop: Promise<unknown>
}

const USUAL_ADMIN = '127.0.0.1:7401'

/**
 * The first configuration at `path` that can be used; `undefined` when it is told to stop before. Meanwhile `/livez` answers and `/readyz` says why
 * there is no sidecar, at the addresses that the environment names, since no file does yet: a container that waits is started once,
 * and begins as soon as its ConfigMap is there, where one that ends is held back longer each time.
 */
export async function awaitConfig(path: string, parts: AwaitConfigParts): Promise<Config | undefined> {
  const { read, clock, log } = parts
  let problems: readonly string[] = []
  let found: (config: Config) => void = () => undefined
  const usable = new Promise<Config>((resolve) => {
    found = resolve
  })
  const look = async () => {
    const result = await read()
    if (result.ok) return found(result.config)
    problems = result.problems.map(formatProblem)
    log.error({ config: path, problems }, 'there is no configuration to start with; waiting for one')
  }
  const servers = probes(parts, () => ({
    ready: false,
    started: false,
    reasons: [`waiting for a configuration at ${path}: ${problems[0] ?? 'not read yet'}`],
    details: { phase: 'waiting', config: { refused: problems } },
  }))
  const watch = new ConfigWatch(path, { clock, onChanged: look })
  try {
    await Promise.all(servers.map((server) => server.start()))
    await watch.start()
    await look()
    return await Promise.race([usable, parts.stop.then(() => undefined)])
  } finally {
    watch.close()
    await Promise.all(servers.map((server) => server.close()))
  }
}

function probes({ env, log }: AwaitConfigParts, readiness: () => Readiness): readonly HttpServer[] {
  const metrics = { contentType: 'text/plain; version=0.0.4; charset=utf-8', render: async () => METRICS }
  const admin = address('RINGSIDE_LISTEN_ADMIN', env.RINGSIDE_LISTEN_ADMIN || USUAL_ADMIN)
  const health = env.RINGSIDE_LISTEN_HEALTH || 'off'
  const addresses = [admin, ...(health === 'off' ? [] : [address('RINGSIDE_LISTEN_HEALTH', health)])]
  return addresses.map(({ key, listen }) => new HttpServer({ listen, key, readiness, metrics, log }))
}

/** The one thing that is to be known, under the name that it has later. */
const METRICS = `# HELP ringside_config_in_force 1 while all of the configuration file is in force, else 0.
# TYPE ringside_config_in_force gauge
ringside_config_in_force 0
`

function address(key: string, text: string) {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new RingsideError('CONFIG_INVALID', `${key}: ${parsed.why}`)
  return { key, listen: parsed.value }
}
