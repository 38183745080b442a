import { createPrivateKey, X509Certificate } from 'node:crypto'

/** A certificate with its private key, in PEM. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/** What a certificate says, once it is known that its key is its own. */
export interface ReadPair {
  readonly fromMs: number
  readonly untilMs: number
}

/** `undefined` for what is no certificate with its key. */
export function readPair({ cert, key }: KeyPair): ReadPair | undefined {
  try {
    const read = new X509Certificate(cert)
    if (!read.checkPrivateKey(createPrivateKey(key))) return undefined
    return { fromMs: Date.parse(read.validFrom), untilMs: Date.parse(read.validTo) }
  } catch {
    return undefined
  }
}
