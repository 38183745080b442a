import { X509Certificate } from 'node:crypto'
import { systemChance } from '../../../src/base/chance.ts'
import { CertificateKeeper, LOOK_EVERY_MS } from '../../../src/injector/certs/certificate-keeper.ts'
import type { KeyPair } from '../../../src/injector/certs/key-pair.ts'
import { CertificateSecret } from '../../../src/injector/kube/certificate-secret.ts'
import { Leadership } from '../../../src/injector/kube/leadership.ts'
import { WebhookTrust } from '../../../src/injector/kube/webhook-trust.ts'
import { ApiClient } from '../../../src/kube/api-client.ts'
import type { FakeApiServer } from '../../kube/fake-api-server.ts'
import { RecordingLog } from '../../rpc/recording-log.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const NAMESPACE = 'ringside-system'

export const PATHS = {
  secret: `/api/v1/namespaces/${NAMESPACE}/secrets/ringside-injector-tls`,
  lease: `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/ringside-injector`,
  webhook: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/ringside-injector',
} as const

/** One injector as far as its certificates go, with a clock of its own. */
export class Replica {
  readonly clock = new ManualClock()
  readonly log = new RecordingLog()
  readonly leadership: Leadership
  readonly keeper: CertificateKeeper
  readonly served: KeyPair[] = []
  readonly #api: ApiClient

  constructor(identity: string, server: FakeApiServer) {
    const { clock } = this
    this.#api = new ApiClient({ address: server.address, account: server.account, clock })
    this.leadership = new Leadership(
      { namespace: NAMESPACE, name: 'ringside-injector', identity },
      { api: this.#api, clock },
    )
    this.keeper = new CertificateKeeper(['ringside-injector.ringside-system.svc'], {
      api: this.#api,
      leadership: this.leadership,
      secret: new CertificateSecret(this.#api, { namespace: NAMESPACE, name: 'ringside-injector-tls' }),
      trust: new WebhookTrust(this.#api, 'ringside-injector'),
      clock,
      chance: systemChance,
      log: this.log,
      serve: (pair) => void this.served.push(pair),
    })
  }

  /** So many looks, each a while after the one before. */
  async look(times = 1): Promise<void> {
    for (let look = 0; look < times; look += 1) {
      await this.clock.advance(LOOK_EVERY_MS)
      await this.keeper.look()
    }
  }

  /** Gone without a word. */
  kill(): void {
    this.#api.close()
  }

  async close(): Promise<void> {
    await this.keeper.close()
    this.#api.close()
  }

  get current(): KeyPair | undefined {
    return this.served.at(-1)
  }
}

/** Whether a client that believes what is written in the webhook believes this certificate. */
export function isBelieved(server: FakeApiServer, pair: KeyPair | undefined): boolean {
  const { webhooks } = server.objects.get(PATHS.webhook) as unknown as {
    webhooks: { clientConfig: { caBundle?: string } }[]
  }
  return webhooks.every(({ clientConfig: { caBundle = '' } }) => {
    const authorities =
      Buffer.from(caBundle, 'base64')
        .toString()
        .match(/-----BEGIN[\s\S]+?END CERTIFICATE-----/g) ?? []
    return (
      pair !== undefined &&
      authorities.some((text) => new X509Certificate(pair.cert).verify(new X509Certificate(text).publicKey))
    )
  })
}
