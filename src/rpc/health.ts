import type { Server } from '@grpc/grpc-js'
import { loadSync, type PackageDefinition } from '@grpc/proto-loader'
import { HealthImplementation, protoPath } from 'grpc-health-check'
import type { Service } from './call.ts'

/** Whether the sidecar and each of its services serve (`grpc.health.v1.Health`), told alike wherever it is served. */
export class Health {
  static readonly service = 'grpc.health.v1.Health'
  readonly #services: readonly Service[]
  readonly #health = new HealthImplementation({})

  /** A service without a single method is there to be refused, and never serves. */
  constructor(services: readonly Service[]) {
    this.#services = services
    this.set(false)
  }

  static definition(): PackageDefinition {
    return loadSync(protoPath, { keepCase: true })
  }

  set(ready: boolean): void {
    this.#health.setStatus('', ready ? 'SERVING' : 'NOT_SERVING')
    for (const { name, methods } of this.#services) {
      this.#health.setStatus(name, ready && Object.keys(methods).length > 0 ? 'SERVING' : 'NOT_SERVING')
    }
  }

  addTo(server: Pick<Server, 'addService'>): void {
    this.#health.addToServer(server as Server)
  }
}
