import { parseArgs } from 'node:util'
import { awaitConfig } from './await-config.ts'
import { systemChance } from './base/chance.ts'
import { keptAlive, systemClock } from './base/clock.ts'
import { RingsideError } from './base/errors.ts'
import { checkReport } from './cli/check.ts'
import { processLog } from './cli/process-log.ts'
import { runCommand } from './cli/run-command.ts'
import { stopSignal } from './cli/stop-signal.ts'
import { USAGE } from './cli/usage.ts'
import { type WarmFlags, warm } from './cli/warm.ts'
import { jsonReport, warmReport } from './cli/warm-report.ts'
import { welcome } from './cli/welcome.ts'
import type { Config } from './config/config.ts'
import { ConfigWatch } from './config/config-watch.ts'
import type { LoadResult } from './config/load-config.ts'
import { EMBEDDED_CONFIG, readConfig } from './config/read-config.ts'
import { openConfigEvents } from './open-config-events.ts'
import { serveInjector } from './serve-injector.ts'
import { createSidecar } from './sidecar.ts'

/** The command line could not be understood, as is the custom. */
const EXIT_USAGE = 2

async function main(): Promise<void> {
  const [command, ...args] = process.argv.slice(2)
  if (command === 'injector') return serveInjector(args, process.env)
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: 'string', short: 'c' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      address: { type: 'string' },
      'token-file': { type: 'string' },
      tenant: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      file: { type: 'string' },
      query: { type: 'boolean', default: false },
      hot: { type: 'boolean', default: false },
      rate: { type: 'string' },
    },
  })
  if (values.help) return print(USAGE)
  if (positionals[0] === 'warm') return warmFrom(positionals, values)
  if (positionals.length > 0) return print(await runCommand(positionals, values))
  await serve(values.config ?? process.env.RINGSIDE_CONFIG, values.check)
}

/** What is told of it is for eyes where somebody looks, and for programs where they read. */
async function warmFrom(words: readonly string[], flags: WarmFlags): Promise<void> {
  const shown = { clock: systemClock, isLive: process.stderr.isTTY, write: complain }
  const report = flags.json ? jsonReport(print) : warmReport(shown)
  // Between two calls nothing else does while its sidecar is away.
  const failed = await keptAlive(warm(words, flags, { report, clock: systemClock }))
  if (failed > 0) process.exitCode = 1
}

async function serve(path: string | undefined, checkOnly: boolean): Promise<void> {
  const result = await readConfig(path ?? EMBEDDED_CONFIG, process.env)
  const waits = path !== undefined && process.env.RINGSIDE_AWAIT_CONFIG === 'true'
  if (checkOnly || (!result.ok && !waits)) {
    const { valid, text } = checkReport(result)
    if (valid) return print(text)
    process.stderr.write(text)
    process.exitCode = 1
    return
  }
  const stop = stopSignal()
  const config = result.ok ? result.config : await firstConfig(path ?? '', stop)
  if (config !== undefined) await run(config, path, stop)
}

/** Waits for a configuration that can be used; `undefined` when told to stop before there is one. */
function firstConfig(path: string, stop: Promise<unknown>): Promise<Config | undefined> {
  const read = () => readConfig(path, process.env)
  return awaitConfig(path, { read, env: process.env, clock: systemClock, log: processLog('info').log, stop })
}

async function run(config: Config, path: string | undefined, stop: Promise<NodeJS.Signals>): Promise<void> {
  const { log, setLevel } = processLog(config.log.level)
  const configEvents = await openConfigEvents(process.env, { clock: systemClock, log })
  const parts = { clock: systemClock, chance: systemChance, log, setLogLevel: setLevel, configEvents }
  const sidecar = await createSidecar(config, parts)
  const addresses = await sidecar.start()
  log.info({ config: path ?? 'embedded', ...addresses }, 'ringside is listening')
  if (path === undefined) print(welcome(addresses))
  const watch = path === undefined ? undefined : await watchConfig(path, (changed) => sidecar.reload(changed))
  const signal = await stop
  if (config.lingerMs > 0) log.info({ signal, withinMs: config.lingerMs }, 'waiting for callers to go')
  if (config.lingerMs > 0) await sidecar.linger()
  log.info({ signal, withinMs: config.drainMs }, 'draining')
  watch?.close()
  configEvents?.close()
  await sidecar.drain()
  log.info({}, 'stopped')
}

async function watchConfig(path: string, take: (changed: LoadResult) => void): Promise<ConfigWatch> {
  const onChanged = async () => take(await readConfig(path, process.env))
  const watch = new ConfigWatch(path, { clock: systemClock, onChanged })
  await watch.start()
  return watch
}

function complain(text: string): void {
  process.stderr.write(text)
}

function print(text: string): void {
  process.stdout.write(text)
}

function fail(error: unknown): void {
  const usage = error instanceof TypeError
  process.stderr.write(
    `ringside: ${error instanceof Error ? error.message : String(error)}\n${usage ? `\n${USAGE}` : ''}`,
  )
  if (error instanceof RingsideError && error.reason === 'INTERNAL') process.stderr.write(`${String(error.cause)}\n`)
  process.exit(usage ? EXIT_USAGE : 1)
}

main().then(() => process.exit(), fail)
