import { HealthPort } from './admin/health-port.ts'
import { HttpServer } from './admin/http-server.ts'
import type { PageSources } from './admin/page-server.ts'
import type { Clock } from './base/clock.ts'
import type { Config } from './config/config.ts'
import type { Health } from './rpc/health.ts'
import { healthCalls } from './rpc/health-calls.ts'

export interface ProbesSurroundings extends PageSources {
  readonly health: Health
  readonly clock: Clock
}

/** What tells of the sidecar: probes and metrics, and gRPC health where other addresses may ask. */
export interface Probes {
  /** Listens; rejects with `CONFIG_INVALID` when an address cannot be had. */
  start(): Promise<void>
  /** Where each listens; `undefined` where it does not. */
  addresses(): { readonly admin: string | undefined; readonly health: string | undefined }
  /** At once. */
  close(): Promise<void>
}

export function openProbes({ listen }: Config, { health, ...parts }: ProbesSurroundings): Probes {
  const admin = new HttpServer({ ...parts, listen: listen.admin })
  const port =
    listen.health === undefined
      ? undefined
      : new HealthPort({ ...parts, listen: listen.health, takeGrpc: healthCalls({ ...parts, health }) })
  return {
    async start() {
      await admin.start()
      await port?.start()
    },
    addresses: () => ({ admin: admin.address(), health: port?.address() }),
    async close() {
      await Promise.all([admin.close(), port?.close()])
    },
  }
}
