import { systemChance } from './base/chance.ts'
import { systemClock } from './base/clock.ts'
import { RingsideError } from './base/errors.ts'
import { processLog } from './cli/process-log.ts'
import { stopSignal } from './cli/stop-signal.ts'
import { readInjectorFlags } from './injector/injector-flags.ts'
import { SERVICE_ACCOUNT } from './kube/api-client.ts'
import { apiAddress } from './kube/own-pod.ts'
import { openInjector } from './open-injector.ts'

/** So long a Service goes on sending to a pod that is told to stop. */
const LINGER_MS = 5_000

/** The API server where the environment does not tell its address. */
const BY_NAME = { host: 'kubernetes.default.svc', port: 443 }

/** Runs the injection webhook until it is told to stop. Throws a `TypeError` for a command line that cannot be understood. */
export async function serveInjector(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const flags = readInjectorFlags(args)
  const { log } = processLog(env.RINGSIDE_LOG_LEVEL || 'info')
  const injector = openInjector(flags, {
    clock: systemClock,
    chance: systemChance,
    log,
    namespace: required(env, 'POD_NAMESPACE'),
    identity: required(env, 'POD_NAME'),
    api: { address: apiAddress(env) ?? BY_NAME, account: SERVICE_ACCOUNT },
  })
  const stop = stopSignal()
  log.info({ image: flags.image, mode: flags.mode, ...(await injector.start()) }, 'ringside injector is listening')
  log.info({ signal: await stop }, 'stopping')
  await injector.close(LINGER_MS)
  log.info({}, 'stopped')
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name]
  if (value !== undefined && value !== '') return value
  throw new RingsideError(
    'CONFIG_INVALID',
    `${name} is not set; set it from the pod's own fields, as k8s/base/injector does`,
  )
}
