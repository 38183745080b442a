import { z } from 'zod'
import type { ApiClient } from '../../kube/api-client.ts'

const secret = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  data: z.record(z.string(), z.string()).nullish(),
})

/** What was found: `object` is what a replacement starts from, `undefined` where there is no Secret. */
export interface FoundSecret {
  readonly texts: Readonly<Record<string, string>>
  readonly object: z.output<typeof secret> | undefined
}

/** One Secret by its name, with texts in it. */
export class CertificateSecret {
  readonly #api: ApiClient
  readonly #folder: string
  readonly #place: { readonly namespace: string; readonly name: string }

  constructor(api: ApiClient, place: { readonly namespace: string; readonly name: string }) {
    this.#api = api
    this.#place = place
    this.#folder = `/api/v1/namespaces/${place.namespace}/secrets`
  }

  /** Resolves to the reason, as a text, if it cannot be had. */
  async read(): Promise<FoundSecret | string> {
    const { status, body, why } = await this.#api.get(`${this.#folder}/${this.#place.name}`)
    if (status === 404) return { texts: {}, object: undefined }
    const read = secret.safeParse(body)
    if (status !== 200 || !read.success) return why
    const decoded = Object.entries(read.data.data ?? {}).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString('utf8'),
    ])
    return { texts: Object.fromEntries(decoded), object: read.data }
  }

  /** Stores the texts in place of what was found; resolves to the reason if that fails, such as that another was faster. */
  async write(found: FoundSecret, texts: Readonly<Record<string, string>>): Promise<string | undefined> {
    const data = Object.fromEntries(
      Object.entries(texts).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')]),
    )
    const { object } = found
    const answer =
      object === undefined
        ? await this.#api.create(this.#folder, { ...kindOf(), metadata: this.#place, type: 'Opaque', data })
        : await this.#api.replace(`${this.#folder}/${this.#place.name}`, { ...object, ...kindOf(), data })
    return answer.status === 200 || answer.status === 201 ? undefined : answer.why
  }
}

function kindOf() {
  return { apiVersion: 'v1', kind: 'Secret' }
}
