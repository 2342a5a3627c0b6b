// Detached signatures over bytes that somebody else hashes: SHA-256, one pass, any size. With a version 4 key the same
// key, time and bytes give the same signature (the library's random note is left out): releases build reproducibly.
import type { PrivateKey } from 'openpgp'
import { fromUtf8 } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { ACCEPTED_KEYS, describeAlgorithm } from './key-check.ts'
import { fingerprintOf } from './keyring.ts'
import { loadOpenpgp, strictConfig } from './openpgp.ts'
import { type Digester, digestRequest, SHA256 } from './signature-hash.ts'

export interface SigningKey {
  readonly key: PrivateKey
  /** Full fingerprint of the primary key, upper-case hexadecimal. */
  readonly fingerprint: string
}

const unusable = (problem: string, cause?: unknown) => new EngineError('release.signing-key', { problem }, { cause })

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Reads an armored secret key and unlocks it.
 * Throws `release.signing-key`, `release.passphrase` (missing or wrong).
 */
export async function readSigningKey(armored: Uint8Array, passphrase: string | null): Promise<SigningKey> {
  const openpgp = await loadOpenpgp()
  const text = fromUtf8(armored)
  if (!text?.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----')) throw unusable('it is not an armored secret key')
  let key: PrivateKey
  try {
    key = await openpgp.readPrivateKey({ armoredKey: text })
  } catch (cause) {
    throw unusable(messageOf(cause), cause)
  }
  const fingerprint = fingerprintOf(key)
  if (key.isDecrypted()) return { key, fingerprint }
  if (passphrase === null) throw new EngineError('release.passphrase', { key: fingerprint, problem: 'is needed' })
  try {
    return { key: await openpgp.decryptKey({ privateKey: key, passphrase }), fingerprint }
  } catch (cause) {
    throw new EngineError('release.passphrase', { key: fingerprint, problem: 'is wrong' }, { cause })
  }
}

/**
 * Armored signature at `at` over the bytes that `digest` hashes. Throws `release.signing-key` when the key may not sign
 * at `at`, and whatever `digest` throws.
 */
export async function signDetached({ key }: SigningKey, at: Date, digest: Digester): Promise<string> {
  const openpgp = await loadOpenpgp()
  const config = { ...strictConfig(openpgp), nonDeterministicSignaturesViaNotation: false }
  const signer = await key.getSigningKey(undefined, at, undefined, config).catch((cause) => {
    throw unusable(messageOf(cause), cause)
  })
  const algorithm = describeAlgorithm(signer.getAlgorithmInfo())
  if (!algorithm.strong) throw unusable(`it is ${algorithm.name}, not ${ACCEPTED_KEYS}`)
  const packet = new openpgp.SignaturePacket()
  packet.signatureType = openpgp.enums.signature.binary
  packet.publicKeyAlgorithm = signer.keyPacket.algorithm
  packet.hashAlgorithm = openpgp.enums.hash.sha256
  // Internal to the library: `toHash` would concatenate all data, `hash` hash it; both are taken over for this packet.
  const hash = async () => (await digest([digestRequest(packet, SHA256)]))[0]
  Object.assign(packet, { toHash: () => null, hash })
  try {
    await Reflect.apply(packet.sign, packet, [signer.keyPacket, null, at, true, config])
  } catch (cause) {
    throw cause instanceof EngineError ? cause : unusable(messageOf(cause), cause)
  }
  const packets = new openpgp.PacketList<typeof packet>()
  packets.push(packet)
  return new openpgp.Signature(packets).armor()
}
