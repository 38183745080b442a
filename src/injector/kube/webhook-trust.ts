import { z } from 'zod'
import type { ApiAnswer, ApiClient } from '../../kube/api-client.ts'

const configuration = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  webhooks: z
    .array(z.looseObject({ name: z.string(), clientConfig: z.looseObject({ caBundle: z.string().nullish() }) }))
    .nullish(),
})
type Configuration = z.output<typeof configuration>

/** Whom the API server believes when it calls the webhooks of one MutatingWebhookConfiguration. */
export class WebhookTrust {
  readonly #api: ApiClient
  readonly #path: string

  constructor(api: ApiClient, name: string) {
    this.#api = api
    this.#path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`
  }

  /** What is written there now, of all webhooks together; with the reason if it cannot be had. */
  async read(): Promise<{ readonly bundle: string; readonly problem: string | undefined }> {
    const { found, why } = await this.#find()
    const bundles = (found?.webhooks ?? []).map(({ clientConfig }) => clientConfig.caBundle ?? '')
    const texts = [...new Set(bundles)].map((bundle) => Buffer.from(bundle, 'base64').toString('utf8'))
    return { bundle: texts.join('\n'), problem: found === undefined ? why : undefined }
  }

  /** Writes it where it is not so yet; resolves to the reason if that fails. */
  async ensure(bundle: string): Promise<string | undefined> {
    const { found, why } = await this.#find()
    if (found === undefined) return why
    const value = Buffer.from(bundle, 'utf8').toString('base64')
    const operations = (found.webhooks ?? []).flatMap(({ name, clientConfig }, index) => {
      if (clientConfig.caBundle === value) return []
      return [
        { op: 'test', path: `/webhooks/${index}/name`, value: name },
        { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value },
      ]
    })
    if (operations.length === 0) return undefined
    // Somebody who changes the webhooks meanwhile makes it fail; it is tried again.
    const version = { op: 'test', path: '/metadata/resourceVersion', value: found.metadata.resourceVersion }
    const patched = await this.#api.patch(this.#path, [version, ...operations])
    return patched.status === 200 ? undefined : patched.why
  }

  async #find(): Promise<{ readonly found: Configuration | undefined; readonly why: string }> {
    const answer: ApiAnswer = await this.#api.get(this.#path)
    const read = configuration.safeParse(answer.body)
    return { found: answer.status === 200 && read.success ? read.data : undefined, why: answer.why }
  }
}
