// Is this detached signature good, from a trusted key, over these bytes? Everything about the signature and its key is
// judged first; only then are the bytes hashed (by the caller, in one pass) and the digest handed to the library.
// Time is an argument. The rules are in docs/trust.md.
import type { PublicKey, SignaturePacket, Subkey } from 'openpgp'
import { isZero, toHex } from '#base/bytes.ts'
import { EngineError, isEngineError } from '#base/errors.ts'
import { toIsoTime } from '#model/iso-time.ts'
import type { Signer } from '#model/signer.ts'
import { splitArmor } from './armor.ts'
import { checkSigningKey, expiryAt, type KeyFacts } from './key-check.ts'
import { fingerprintOf, type TrustedKeys } from './keyring.ts'
import { loadOpenpgp, type Openpgp, strictConfig } from './openpgp.ts'
import { type Digester, type DigestRequest, digestRequest, hashKindOf } from './signature-hash.ts'
import { shapeOfSignature, whyNotArmor } from './signature-shape.ts'

export const MAX_SIGNATURE_TEXT = 64 * 1024
const MAX_SIGNATURES = 16

export interface VerifyOptions {
  /** Content of the .asc file, or the bundle's signature. */
  readonly signature: Uint8Array
  /** What the signature is called in messages. */
  readonly signatureName: string
  /** What the signed bytes are called in messages. */
  readonly dataName: string
  readonly trusted: TrustedKeys
  readonly now: Date
  readonly digest: Digester
}

interface Judged {
  readonly packet: SignaturePacket
  readonly signing: PublicKey | Subkey
  readonly facts: KeyFacts
  readonly request: DigestRequest
  readonly signer: Signer
}

/**
 * The signer of the bytes that `digest` hashes. With several signatures all must be good; the first one's signer is the
 * answer. Throws `trust.signature-*`, `trust.unknown-key`, `trust.key-*`, `trust.weak-*`, `trust.wrong-data`, and
 * whatever `digest` throws. `digest` is not called when the signature or its key is refused.
 */
export async function verifyDetached(options: VerifyOptions): Promise<Signer> {
  const openpgp = await loadOpenpgp()
  const packets = await readSignatures(openpgp, options)
  const judged = await eachGood(packets, (packet) => judge(openpgp, packet, options))
  const digests = await options.digest(judged.map(({ request }) => request))
  await eachGood(judged, async ({ packet, signing, facts }, index) => {
    try {
      // `hashed` is internal to the library: the digest to use instead of hashing `data` itself.
      Object.assign(packet, { hashed: digests[index] })
      const { binary } = openpgp.enums.signature
      const at = packet.created ?? options.now
      await packet.verify(signing.keyPacket, binary, new Uint8Array(0), at, true, strictConfig(openpgp))
    } catch (cause) {
      throw new EngineError('trust.wrong-data', { key: facts.signingKey, name: options.dataName }, { cause })
    }
  })
  return judged[0].signer
}

/** Runs `check` on each; when there are several and one is refused, the refusal says that they conflict. */
async function eachGood<T, R>(items: readonly T[], check: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const [index, item] of items.entries()) {
    try {
      results.push(await check(item, index))
    } catch (cause) {
      if (items.length === 1 || !isEngineError(cause)) throw cause
      const details = { count: items.length, number: index + 1, problem: cause.message }
      throw new EngineError('trust.signature-conflict', details, { cause })
    }
  }
  return results
}

async function readSignatures(openpgp: Openpgp, options: VerifyOptions): Promise<SignaturePacket[]> {
  const { signature, signatureName } = options
  const malformed = (problem: string, cause?: unknown) =>
    new EngineError('trust.signature-malformed', { problem }, { cause })
  const shape = shapeOfSignature(signature)
  if (shape.is === 'message') throw new EngineError('trust.signature-inline')
  if (shape.is === 'other') throw malformed(shape.problem)
  if (signature.length > MAX_SIGNATURE_TEXT) throw malformed(`it is larger than ${MAX_SIGNATURE_TEXT} bytes`)
  const text = String.fromCharCode(...signature.subarray(0, MAX_SIGNATURE_TEXT))
  if (text.trim() === '' || isZero(signature)) throw new EngineError('trust.signature-missing', { name: signatureName })
  if (/-----BEGIN PGP (SIGNED )?MESSAGE/.test(text)) throw new EngineError('trust.signature-inline')
  const blocks = splitArmor(signature)
  if (!blocks || blocks.length === 0) throw malformed(whyNotArmor(signature))
  const packets: SignaturePacket[] = []
  for (const { label, text: armored } of blocks) {
    if (label !== 'PGP SIGNATURE') throw malformed(`it holds a ${label}`)
    try {
      const config = strictConfig(openpgp)
      packets.push(...(await openpgp.readSignature({ armoredSignature: armored, config })).packets)
    } catch (cause) {
      throw malformed(cause instanceof Error ? cause.message : 'unreadable', cause)
    }
  }
  if (packets.length === 0) throw new EngineError('trust.signature-missing', { name: signatureName })
  if (packets.length > MAX_SIGNATURES) throw malformed(`it holds ${packets.length} signatures`)
  return packets
}

async function judge(openpgp: Openpgp, packet: SignaturePacket, { trusted, now }: VerifyOptions): Promise<Judged> {
  const kind = (problem: string) => new EngineError('trust.signature-kind', { problem })
  if (packet.signatureType !== openpgp.enums.signature.binary) throw kind('it does not sign a binary file')
  if (packet.unknownSubpackets.some(({ critical }) => critical)) throw kind('it has a condition that is unknown here')
  if (packet.rawNotations.some(({ critical }) => critical)) throw kind('it has a note that is unknown here')
  const signedAt = packet.created
  if (!signedAt) throw kind('it bears no time')
  const hash = hashKindOf(openpgp, packet)
  if (signedAt > now)
    throw new EngineError('trust.signature-future', { signedAt: toIsoTime(signedAt), now: toIsoTime(now) })

  const [primary, signing] = findKey(packet, trusted)
  const facts = await checkSigningKey(primary, signing, signedAt, now, trusted.revoked)
  const ends = packet.getExpirationTime()
  if (ends instanceof Date && ends <= now)
    throw new EngineError('trust.signature-expired', { expired: toIsoTime(ends), now: toIsoTime(now) })
  const signer: Signer = {
    fingerprint: facts.fingerprint,
    signingKey: facts.signingKey,
    userId: facts.userId,
    algorithm: facts.algorithm,
    hash: hash.label,
    signedAt: toIsoTime(signedAt),
    keyExpires: facts.expires ? toIsoTime(facts.expires) : null,
    keyExpiresAtSigning: endText(await expiryAt(primary, signing, signedAt)),
  }
  return { packet, signing, facts, request: digestRequest(packet, hash), signer }
}

const endText = (end: number | null): string | 'never' | null =>
  end === null ? null : end === Number.POSITIVE_INFINITY ? 'never' : toIsoTime(new Date(end))

/** The trusted key that the signature names: by full fingerprint where it has one, else by its 64-bit key id. */
function findKey(
  packet: SignaturePacket,
  { keys, fingerprints, unreadable }: TrustedKeys,
): [PublicKey, PublicKey | Subkey] {
  const issuer = issuerOf(packet)
  for (const primary of keys)
    for (const key of [primary, ...primary.subkeys]) {
      const found = issuer.whole ? fingerprintOf(key) : key.getKeyID().toHex().toUpperCase()
      if (found === issuer.text && packet.issuerKeyID.equals(key.getKeyID())) return [primary, key]
    }
  const whole = fingerprints.length === 1 ? fingerprints[0] : `${fingerprints.length} keys`
  const known = [whole, ...unreadable.map((each) => `not used: ${each}`)].join('; ')
  throw new EngineError('trust.unknown-key', { key: issuer.text || 'without a name', known })
}

function issuerOf(packet: SignaturePacket): { text: string; whole: boolean } {
  if ('issuerFingerprint' in packet && packet.issuerFingerprint instanceof Uint8Array)
    return { text: toHex(packet.issuerFingerprint).toUpperCase(), whole: true }
  return { text: packet.issuerKeyID.toHex().toUpperCase(), whole: false }
}
