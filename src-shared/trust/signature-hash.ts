// What exactly is hashed for an OpenPGP signature (RFC 9580 section 5.2.4), so that whoever reads the file can do it in
// the same pass as everything else.
import type { SignaturePacket } from 'openpgp'
import { concatBytes, viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import type { Openpgp } from './openpgp.ts'

export type HashName = 'sha256' | 'sha384' | 'sha512'

/** What to hash for one signature: `prefix` (empty but for version 6), the signed bytes, `suffix`. */
export interface DigestRequest {
  readonly hash: HashName
  readonly prefix: Uint8Array
  readonly suffix: Uint8Array
}

/** Hashes the signed bytes once for all requests; node/codec/hashing.ts has the adapters. */
export type Digester = (requests: readonly DigestRequest[]) => Promise<readonly Uint8Array[]>

export interface HashKind {
  readonly name: HashName
  readonly label: string
  /** Bytes of the salt of a version 6 signature (RFC 9580 table 23). */
  readonly salt: number
}

export const SHA256: HashKind = { name: 'sha256', label: 'SHA-256', salt: 16 }
const SHA384: HashKind = { name: 'sha384', label: 'SHA-384', salt: 24 }
const SHA512: HashKind = { name: 'sha512', label: 'SHA-512', salt: 32 }

/** Throws `trust.weak-hash` for everything but SHA-256, SHA-384 and SHA-512. */
export function hashKindOf({ enums }: Openpgp, packet: SignaturePacket): HashKind {
  const { hashAlgorithm: id } = packet
  if (id === enums.hash.sha256) return SHA256
  if (id === enums.hash.sha384) return SHA384
  if (id === enums.hash.sha512) return SHA512
  const known = Object.entries(enums.hash).find(([, value]) => value === id)?.[0]
  const found = (known ?? `hash number ${id}`).toUpperCase().replace(/^SHA(\d+)$/, 'SHA-$1')
  const expected = [SHA256, SHA384, SHA512].map(({ label }) => label).join(', ')
  throw new EngineError('trust.weak-hash', { where: 'of the release', found, expected })
}

/** Salt, data, the signature's own hashed part, version, 0xFF, length of that part. Throws `trust.signature-kind`. */
export function digestRequest(packet: SignaturePacket, { name, salt: saltLength }: HashKind): DigestRequest {
  const refused = (problem: string) => new EngineError('trust.signature-kind', { problem })
  const { version, signatureData } = packet
  if (!signatureData || (version !== 4 && version !== 6)) throw refused(`it has version ${version}`)
  const trailer = new Uint8Array(6)
  trailer.set([version, 0xff])
  viewOf(trailer).setUint32(2, signatureData.length)
  const prefix = 'salt' in packet && packet.salt instanceof Uint8Array ? packet.salt : new Uint8Array(0)
  if (prefix.length !== (version === 6 ? saltLength : 0)) throw refused('its salt has the wrong length')
  return { hash: name, prefix, suffix: concatBytes([signatureData, trailer]) }
}
