import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Chance } from '../../base/chance.ts'
import { bits, boolean, integer, octets, oid, sequence, set, tagged, time, utf8 } from './der.ts'

export interface Issued {
  /** In PEM. */
  readonly cert: string
  readonly key: KeyObject
}

export interface Validity {
  readonly fromMs: number
  readonly untilMs: number
}

interface Subject extends Validity {
  readonly commonName: string
  readonly serial: Buffer
  readonly publicKey: KeyObject
  readonly extensions: readonly Buffer[]
}

/** Whose key signs, and under which name. */
export interface Signer {
  readonly commonName: string
  readonly key: KeyObject
}

const OIDS = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const

const SERIAL_BYTES = 16

/** An authority that signs itself and may sign servers, and no other authority. */
export function issueAuthority(commonName: string, validity: Validity, chance: Chance): Issued {
  const { publicKey, privateKey } = newKey()
  const extensions = [
    extension(OIDS.basicConstraints, sequence(boolean(true), integer(Buffer.from([0]))), true),
    // keyCertSign, the sixth bit.
    extension(OIDS.keyUsage, bits(Buffer.from([0x04]), 2), true),
    extension(OIDS.subjectKeyId, octets(keyId(publicKey))),
  ]
  const subject = { ...validity, commonName, serial: chance.bytes(SERIAL_BYTES), publicKey, extensions }
  return { cert: certificate(subject, { commonName, key: privateKey }), key: privateKey }
}

export interface Server extends Validity {
  readonly commonName: string
  readonly dnsNames: readonly string[]
}

/** A server of these DNS names, signed by an authority. */
export function issueServer(server: Server, authority: Signer, chance: Chance): Issued {
  const { publicKey, privateKey } = newKey()
  const names = server.dnsNames.map((name) => tagged(2, Buffer.from(name, 'ascii'), false))
  const extensions = [
    extension(OIDS.basicConstraints, sequence(), true),
    // digitalSignature, the first bit.
    extension(OIDS.keyUsage, bits(Buffer.from([0x80]), 7), true),
    extension(OIDS.extendedKeyUsage, sequence(oid(OIDS.serverAuth))),
    extension(OIDS.authorityKeyId, sequence(tagged(0, keyId(createPublicKey(authority.key)), false))),
    extension(OIDS.subjectAltName, sequence(...names)),
  ]
  const subject = { ...server, serial: chance.bytes(SERIAL_BYTES), publicKey, extensions }
  return { cert: certificate(subject, authority), key: privateKey }
}

function newKey() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

/** An X.509 certificate of version 3 (RFC 5280), signed with ECDSA and SHA-256. */
function certificate(subject: Subject, signer: Signer): string {
  const algorithm = sequence(oid(OIDS.ecdsaWithSha256))
  const signed = sequence(
    tagged(0, integer(Buffer.from([2])), true),
    integer(subject.serial),
    algorithm,
    name(signer.commonName),
    sequence(time(subject.fromMs), time(subject.untilMs)),
    name(subject.commonName),
    spki(subject.publicKey),
    tagged(3, sequence(...subject.extensions), true),
  )
  return pem(sequence(signed, algorithm, bits(sign('sha256', signed, signer.key))))
}

function name(commonName: string): Buffer {
  return sequence(set(sequence(oid(OIDS.commonName), utf8(commonName))))
}

function extension(id: string, content: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), octets(content))
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

/** Which key signed: any digest of it that the two certificates agree on. */
function keyId(key: KeyObject): Buffer {
  return createHash('sha1').update(spki(key)).digest()
}

const PEM_LINE = /.{1,64}/g

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(PEM_LINE) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
