import type { Generation } from './generation.ts'
import { isSignedByAny, ownAuthorities } from './generation.ts'
import { type KeyPair, readPair } from './key-pair.ts'

/** The certificates that all replicas share. */
export interface Certificates {
  /** What is served. */
  readonly current: KeyPair
  /** What will be, once every API server believes it. */
  readonly next: KeyPair | undefined
  /** Whom API servers are to believe, the newest first: old and new beside each other while replicas change over. */
  readonly authorities: readonly string[]
}

/** How it is kept in the Secret: the names are those of `kubernetes.io/tls`, as far as that goes. */
export type SecretTexts = Readonly<Record<string, string>>

export function secretTexts({ current, next, authorities }: Certificates): SecretTexts {
  return {
    'tls.crt': current.cert,
    'tls.key': current.key,
    'ca.crt': authorities.join(''),
    ...(next === undefined ? {} : { 'next.crt': next.cert, 'next.key': next.key }),
  }
}

/** `undefined` for a Secret that is empty, damaged or of somebody else. */
export function readSecretTexts(texts: SecretTexts): Certificates | undefined {
  const authorities = ownAuthorities(texts['ca.crt'] ?? '', Number.NEGATIVE_INFINITY)
  const believed = (cert: string | undefined, key: string | undefined): KeyPair | undefined => {
    if (cert === undefined || key === undefined || readPair({ cert, key }) === undefined) return undefined
    return isSignedByAny(cert, authorities) ? { cert, key } : undefined
  }
  const current = believed(texts['tls.crt'], texts['tls.key'])
  if (current === undefined) return undefined
  return { current, next: believed(texts['next.crt'], texts['next.key']), authorities }
}

export interface RotationFacts {
  /** By the clock of the API server, since that is who judges certificates. */
  readonly nowMs: number
  /** What this replica serves, if the Secret has been lost. */
  readonly served: KeyPair | undefined
  /** Authorities that API servers believe as it is. */
  readonly believed: string
  /** Whether they have believed all of `authorities` for long enough that none is left that does not. */
  readonly settled: boolean
}

/** What the certificates should become, and why; `undefined` = what they are. */
export type Rotation = { readonly certificates: Certificates; readonly why: string } | undefined

/**
 * One step of the life of certificates, taken by the leader. A new one is announced before it is served: first its authority is put beside
 * the old one; only when API servers have had time to hear of it does it become current. Old authorities stay until they expire, for
 * replicas that have not changed over.
 */
export function nextRotation(stored: Certificates | undefined, facts: RotationFacts, make: () => Generation): Rotation {
  const { nowMs, settled } = facts
  if (stored === undefined) return founded(facts, make())
  const authorities = stored.authorities.filter((one) => ownAuthorities(one, nowMs).length > 0)
  const { current, next } = stored
  if (!isValid(current, nowMs)) {
    if (next !== undefined && isValid(next, nowMs))
      return changed({ current: next, next: undefined, authorities }, 'expired')
    return changed(renewed(authorities, make()), 'expired')
  }
  if (next !== undefined && settled) return changed({ current: next, next: undefined, authorities }, 'settled')
  if (next === undefined && isDue(current, nowMs)) {
    const { authority, pair } = make()
    return changed({ current, next: pair, authorities: [authority, ...authorities] }, 'due')
  }
  if (authorities.length < stored.authorities.length) return changed({ ...stored, authorities }, 'authority expired')
  return undefined
}

/** The first certificates; where there have been some, what is still served remains believed, and current if it is known. */
function founded({ nowMs, served, believed }: RotationFacts, { authority, pair }: Generation): Rotation {
  const authorities = [authority, ...ownAuthorities(believed, nowMs)]
  const isBelieved = served !== undefined && isValid(served, nowMs) && isSignedByAny(served.cert, authorities)
  const certificates = isBelieved
    ? { current: served, next: pair, authorities }
    : { current: pair, next: undefined, authorities }
  return changed(certificates, 'missing')
}

function renewed(authorities: readonly string[], { authority, pair }: Generation): Certificates {
  return { current: pair, next: undefined, authorities: [authority, ...authorities] }
}

function changed(certificates: Certificates, why: string): Rotation {
  return { certificates, why }
}

/** Also not one from the future: a clock that was set back would otherwise leave a certificate that nobody believes. */
function isValid(pair: KeyPair, nowMs: number): boolean {
  const read = readPair(pair)
  return read !== undefined && read.fromMs <= nowMs && nowMs < read.untilMs
}

/** At two thirds of its life. */
function isDue(pair: KeyPair, nowMs: number): boolean {
  const read = readPair(pair)
  return read !== undefined && nowMs >= read.fromMs + ((read.untilMs - read.fromMs) * 2) / 3
}
