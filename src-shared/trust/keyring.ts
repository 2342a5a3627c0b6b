// The trust list: an armored OpenPGP public key ring. Every key in it is trusted, by its full fingerprint; whether a key
// may be used at a moment is judged when a signature is checked (key-check.ts). It fails closed: whatever looks like a
// revocation revokes, in whichever copy of the key it stands, and a key with something unreadable in it is not used.
import type { PublicKey, SignaturePacket } from 'openpgp'
import { toHex, utf8 } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { armorKeys, cutArmor, decodeArmor } from './armor.ts'
import {
  type Certificate,
  encodeCertificate,
  encodePackets,
  issuersOf,
  isTombstone,
  mergeCertificates,
  type Packet,
  readKeyBlock,
  revocationsOf,
  tombstoneOf,
} from './key-packets.ts'
import { loadOpenpgp, type Openpgp, strictConfig } from './openpgp.ts'

export const MAX_KEYRING_SIZE = 4 << 20

export interface TrustedKeys {
  readonly keys: readonly PublicKey[]
  /** Full fingerprints of the primary keys, upper-case hexadecimal. */
  readonly fingerprints: readonly string[]
  /** Full fingerprints of keys and subkeys that are revoked, or look so. */
  readonly revoked: ReadonlySet<string>
  /** What in the file could not be read and is not used, a sentence each. */
  readonly unreadable: readonly string[]
}

/** A trust list as it is kept: every packet of every key, also of those that are revoked. */
export interface KeyRing {
  readonly certificates: readonly Certificate[]
  readonly loose: readonly Packet[]
  readonly unreadable: readonly string[]
}

export const NO_RING: KeyRing = { certificates: [], loose: [], unreadable: [] }
const LABELS = new Set(['PGP PUBLIC KEY BLOCK', 'PGP SIGNATURE'])

export const fingerprintOf = (key: { getFingerprint(): string }): string => key.getFingerprint().toUpperCase()

const malformed = (problem: string, cause?: unknown) =>
  new EngineError('trust.keyring-malformed', { problem }, { cause })

/**
 * Reads a trust list; several armored blocks one after the other are one list, and copies of a key are one key. A block that
 * cannot be read is named and hides no other.
 * Throws `trust.keyring-malformed`, `trust.keyring-empty`, `trust.keyring-secret`.
 */
export async function parseTrust(armored: Uint8Array): Promise<TrustedKeys> {
  const ring = readKeyRing(armored)
  const trusted = await trustOf(ring)
  if (trusted.keys.length > 0) return trusted
  if (trusted.unreadable.length > 0) throw malformed(trusted.unreadable.join('; '))
  if (ring.loose.length > 0) throw malformed('it holds the revocation of a key and not the key')
  throw new EngineError('trust.keyring-empty')
}

/** Throws `trust.keyring-malformed` for what is no armored file at all, `trust.keyring-secret`. */
export function readKeyRing(armored: Uint8Array): KeyRing {
  if (armored.length > MAX_KEYRING_SIZE) throw malformed(`it is larger than ${MAX_KEYRING_SIZE} bytes`)
  const blocks = cutArmor(armored)
  if (blocks === null) throw malformed('it is not armored text')
  const certificates: Certificate[] = []
  const loose: Packet[] = []
  const unreadable: string[] = []
  for (const [index, block] of blocks.entries()) {
    const name = `block ${index + 1} (${block.label})`
    const content = decodeArmor(block)
    const read = readKeyBlock(content.bytes, content.problem)
    if (read.secret || block.label === 'PGP PRIVATE KEY BLOCK') throw new EngineError('trust.keyring-secret')
    const known = LABELS.has(block.label)
    if (!known) unreadable.push(`${name} is no public key`)
    // What it holds counts against a key all the same, whatever its first line calls it.
    const odd = block.label === 'PGP PUBLIC KEY BLOCK' ? null : 'a key in the place of something else'
    for (const each of read.certificates) {
      const problem = each.problem ?? odd
      certificates.push(problem ? { ...each, problem: `${name}: ${problem}` } : each)
    }
    loose.push(...read.loose)
    // Nobody can tell whose it is, so nobody can tell which key is still good.
    if (read.loose.some((packet) => issuersOf(packet).length === 0))
      throw malformed(`${name} is a revocation that does not say of which key`)
    if (!known) continue
    if (read.problem) unreadable.push(`${name}: ${read.problem}`)
    else if (read.certificates.length + read.loose.length === 0) unreadable.push(`${name} holds no key`)
  }
  return mergeRings([{ certificates, loose, unreadable }])
}

/** One list of several. */
export const mergeRings = (rings: readonly KeyRing[]): KeyRing => ({
  certificates: mergeCertificates(rings.flatMap(({ certificates }) => certificates)),
  loose: rings.flatMap(({ loose }) => loose),
  unreadable: rings.flatMap(({ unreadable }) => unreadable),
})

interface Judged {
  readonly certificate: Certificate
  /** The key, or why it cannot be used. */
  readonly key: PublicKey | string
  readonly revoked: readonly string[]
}

async function judge({ certificates, loose }: KeyRing): Promise<Judged[]> {
  const openpgp = await loadOpenpgp()
  const judged: Judged[] = []
  for (const certificate of certificates) {
    const { whole, subkeys, rest } = revocationsOf(certificate)
    const key = certificate.problem ?? (await readKey(openpgp, rest))
    if (typeof key === 'string') {
      judged.push({ certificate, key, revoked: [] })
      continue
    }
    const matched = key.subkeys.filter((subkey) => subkeys.has(toHex(subkey.keyPacket.write())))
    const alone = loose.some((packet) => issuersOf(packet).some((issuer) => namesKey(key, issuer)))
    const all = whole || alone || matched.length < subkeys.size
    judged.push({ certificate, key, revoked: [...(all ? [key] : []), ...matched].map(fingerprintOf) })
  }
  return judged
}

/** The keys of a list as signatures are checked with them. */
export async function trustOf(ring: KeyRing): Promise<TrustedKeys> {
  const judged = await judge(ring)
  const keys = judged.flatMap(({ key }) => (typeof key === 'string' ? [] : key))
  return {
    keys,
    fingerprints: keys.map(fingerprintOf),
    revoked: new Set(judged.flatMap(({ revoked }) => revoked)),
    unreadable: [...ring.unreadable, ...judged.flatMap(({ key }) => (typeof key === 'string' ? key : []))],
  }
}

const namesKey = (key: PublicKey, issuer: string): boolean =>
  issuer === fingerprintOf(key) || issuer === key.getKeyID().toHex().toUpperCase()

/** The key, or why it cannot be used. */
async function readKey(openpgp: Openpgp, certificate: Certificate): Promise<PublicKey | string> {
  try {
    const config = strictConfig(openpgp)
    const key = await openpgp.readKey({ binaryKey: encodeCertificate(certificate), config })
    const odd = ownSignatures(openpgp, key).some(
      ({ unknownSubpackets, rawNotations }) =>
        unknownSubpackets.some(({ critical }) => critical) || rawNotations.some(({ critical }) => critical),
    )
    return odd ? `the key ${fingerprintOf(key)} sets a condition that is unknown here` : key
  } catch (cause) {
    return `a key cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}

function ownSignatures({ enums }: Openpgp, key: PublicKey): SignaturePacket[] {
  const packets = key.toPacketList().filterByTag(enums.packet.signature) as unknown as SignaturePacket[]
  return packets.filter(({ issuerKeyID }) => issuerKeyID.equals(key.getKeyID()))
}

/** The list as a file. Throws `trust.keyring-malformed` when it became too large. */
export function armorRing({ certificates, loose }: KeyRing): string {
  const blocks = [...certificates.map(encodeCertificate), ...(loose.length > 0 ? [encodePackets(loose)] : [])]
  const text = blocks.map(armorKeys).join('')
  if (utf8(text).length > MAX_KEYRING_SIZE)
    throw malformed(`together with what is there it is larger than ${MAX_KEYRING_SIZE} bytes`)
  return text
}

const isKey = ({ key }: Judged, fingerprint: string): boolean =>
  typeof key !== 'string' && fingerprintOf(key) === fingerprint

/** The list without what cannot be read, for keeping. */
export async function readablePart(ring: KeyRing): Promise<KeyRing> {
  const good = (await judge(ring)).filter(({ key }) => typeof key !== 'string')
  return { ...ring, certificates: good.map(({ certificate }) => certificate), unreadable: [] }
}

/** The list without a key. Of one that is revoked the revocation stays: an older copy must not come back as good. */
export async function withoutKey(ring: KeyRing, fingerprint: string): Promise<KeyRing> {
  const certificates = (await judge(ring)).flatMap((each) =>
    isKey(each, fingerprint) ? (tombstoneOf(each.certificate) ?? []) : each.certificate,
  )
  return { ...ring, certificates }
}

/** The keys to show: not those of which only the revocation is kept. */
export const shownKeys = async (ring: KeyRing): Promise<TrustedKeys> =>
  await trustOf({ ...ring, certificates: ring.certificates.filter((each) => !isTombstone(each)) })
