import { X509Certificate } from 'node:crypto'
import type { Chance } from '../../base/chance.ts'
import { issueAuthority, issueServer } from './issue.ts'
import type { KeyPair } from './key-pair.ts'

const DAY_MS = 86_400_000

/** Long enough to be renewed a month before its end, in which somebody hears of it when that fails. */
const LIFE_MS = 90 * DAY_MS

/** Clocks of several API servers differ: a certificate counts from before it was made. */
const BACKDATED_MS = 3_600_000

const AUTHORITY = 'ringside-injector-ca'

/** An authority and the one certificate that it signs. */
export interface Generation {
  /** In PEM. */
  readonly authority: string
  readonly pair: KeyPair
}

/**
 * The key of the authority is forgotten at once: nobody, not even who reads the Secret, can have another certificate signed that API
 * servers believe. Whoever needs a new certificate makes a new authority.
 */
export function newGeneration(dnsNames: readonly string[], nowMs: number, chance: Chance): Generation {
  const validity = { fromMs: nowMs - BACKDATED_MS, untilMs: nowMs + LIFE_MS }
  // Each has a name of its own, so that whoever checks a chain never tries the wrong one of two.
  const commonName = `${AUTHORITY}-${chance.bytes(8).toString('hex')}`
  const authority = issueAuthority(commonName, validity, chance)
  const server = issueServer(
    { ...validity, commonName: 'ringside-injector', dnsNames },
    { ...authority, commonName },
    chance,
  )
  const key = server.key.export({ type: 'pkcs8', format: 'pem' }) as string
  return { authority: authority.cert, pair: { cert: server.cert, key } }
}

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

/** The authorities of a bundle that this made and that have not expired; what cannot be read is none. */
export function ownAuthorities(bundle: string, nowMs: number): readonly string[] {
  return (bundle.match(PEM) ?? []).map((text) => `${text}\n`).filter((text) => isOwn(text, nowMs))
}

function isOwn(text: string, nowMs: number): boolean {
  try {
    const { subject, validTo } = new X509Certificate(text)
    return subject.startsWith(`CN=${AUTHORITY}-`) && Date.parse(validTo) > nowMs
  } catch {
    return false
  }
}

/** Whether one of these authorities signed the certificate. */
export function isSignedByAny(cert: string, authorities: readonly string[]): boolean {
  const { publicKeys, read } = { read: new X509Certificate(cert), publicKeys: authorities.map(publicKeyOf) }
  return publicKeys.some((key) => read.verify(key))
}

function publicKeyOf(authority: string) {
  return new X509Certificate(authority).publicKey
}
