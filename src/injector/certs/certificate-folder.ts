import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../base/log.ts'
import { type KeyPair, readPair } from './key-pair.ts'

/** Files of a mounted Secret of type `kubernetes.io/tls`. */
export const CERTIFICATE_FILES = { cert: 'tls.crt', key: 'tls.key' } as const

export interface CertificateFolderParts {
  /** Puts a certificate into service. */
  readonly serve: (pair: KeyPair) => void
  /** Unix milliseconds. */
  readonly now: () => number
  readonly log: Log
}

/** A certificate that somebody else keeps in a folder, such as cert-manager in a mounted Secret. */
export class CertificateFolder {
  readonly #folder: string
  readonly #parts: CertificateFolderParts
  #untilMs: number | undefined
  #problem: string | undefined

  constructor(folder: string, parts: CertificateFolderParts) {
    this.#folder = folder
    this.#parts = parts
  }

  get expiresInMs(): number | undefined {
    return this.#untilMs === undefined ? undefined : this.#untilMs - this.#parts.now()
  }

  get problems(): readonly string[] {
    return this.#problem === undefined ? [] : [this.#problem]
  }

  /** Takes what the folder holds now; what is no certificate with its key changes nothing. Never rejects. */
  async read(): Promise<void> {
    const { serve, log } = this.#parts
    const found = await this.#files()
    const read = typeof found === 'string' ? undefined : readPair(found)
    if (typeof found === 'string' || read === undefined) {
      this.#problem =
        typeof found === 'string' ? found : `${this.#folder}: the certificate and the key do not belong together`
      log.error({ problem: this.#problem }, 'certificate refused, the one before stays')
      return
    }
    serve(found)
    this.#untilMs = read.untilMs
    this.#problem = undefined
    log.info({ expiresInMs: this.expiresInMs }, 'serving a certificate')
  }

  async #files(): Promise<KeyPair | string> {
    try {
      const [cert, key] = await Promise.all(
        [CERTIFICATE_FILES.cert, CERTIFICATE_FILES.key].map((file) => readFile(join(this.#folder, file), 'utf8')),
      )
      return { cert: cert ?? '', key: key ?? '' }
    } catch (error) {
      return `${this.#folder}: ${error instanceof Error ? error.message : String(error)}`
    }
  }
}
