import { parseArgs } from 'node:util'
import { type Logger, pino } from 'pino'
import { systemChance } from './base/chance.ts'
import { keptAlive, systemClock } from './base/clock.ts'
import { RingsideError } from './base/errors.ts'
import { checkReport } from './cli/check.ts'
import { runCommand } from './cli/run-command.ts'
import { USAGE } from './cli/usage.ts'
import { type WarmFlags, warm } from './cli/warm.ts'
import { jsonReport, warmReport } from './cli/warm-report.ts'
import { welcome } from './cli/welcome.ts'
import { ConfigWatch } from './config/config-watch.ts'
import type { LoadResult } from './config/load-config.ts'
import { EMBEDDED_CONFIG, readConfig } from './config/read-config.ts'
import { createSidecar } from './sidecar.ts'

/** The command line could not be understood, as is the custom. */
const EXIT_USAGE = 2

async function main(): Promise<void> {
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
  if (checkOnly || !result.ok) {
    const { valid, text } = checkReport(result)
    if (valid) return print(text)
    process.stderr.write(text)
    process.exitCode = 1
    return
  }
  const { config } = result
  const log = pino({ level: config.log.level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
  const sidecar = await createSidecar(config, {
    clock: systemClock,
    chance: systemChance,
    log: adapted(log),
    setLogLevel: (level) => {
      log.level = level
    },
  })
  const stop = onceStopped()
  const addresses = await sidecar.start()
  log.info({ config: path ?? 'embedded', ...addresses }, 'ringside is listening')
  if (path === undefined) print(welcome(addresses))
  const watch = path === undefined ? undefined : await watchConfig(path, (changed) => sidecar.reload(changed))
  const signal = await stop
  log.info({ signal, withinMs: config.drainMs }, 'draining')
  watch?.close()
  await sidecar.drain()
  log.info({}, 'stopped')
}

async function watchConfig(path: string, take: (changed: LoadResult) => void): Promise<ConfigWatch> {
  const onChanged = async () => take(await readConfig(path, process.env))
  const watch = new ConfigWatch(path, { clock: systemClock, onChanged })
  await watch.start()
  return watch
}

/** The first signal to stop; a second one ends the process as it always would. */
function onceStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
}

function adapted(log: Logger) {
  return {
    debug: (fields: object, message: string) => log.debug(fields, message),
    info: (fields: object, message: string) => log.info(fields, message),
    warn: (fields: object, message: string) => log.warn(fields, message),
    error: (fields: object, message: string) => log.error(fields, message),
  }
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
