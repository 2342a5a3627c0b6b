// May this key vouch for a release now? The rule of docs/trust.md: primary key and signing subkey must be strong, not
// revoked (for whatever reason, whenever), bound both ways, allowed to sign, older than the signature, and not expired NOW.
// The library alone would judge expiry at the time of the signature only.
import type { AlgorithmInfo, PublicKey, Subkey } from 'openpgp'
import { EngineError } from '#base/errors.ts'
import { toIsoTime } from '#model/iso-time.ts'
import { fingerprintOf } from './keyring.ts'
import { lenientConfig, loadOpenpgp, type Openpgp, strictConfig } from './openpgp.ts'

export const ACCEPTED_KEYS = 'Ed25519 and RSA from 3072 bits'
const MINIMUM_RSA_BITS = 3072

export interface KeyFacts {
  readonly fingerprint: string
  readonly signingKey: string
  readonly userId: string | null
  readonly algorithm: string
  readonly expires: Date | null
}

interface Algorithm {
  readonly name: string
  readonly strong: boolean
}

/** Name for people, and whether it is strong enough to vouch for a release. */
export function describeAlgorithm({ algorithm, bits, curve }: AlgorithmInfo): Algorithm {
  if (algorithm === 'ed25519' || (algorithm === 'eddsaLegacy' && curve === 'ed25519Legacy'))
    return { name: 'Ed25519', strong: true }
  if (algorithm === 'rsaEncryptSign' || algorithm === 'rsaSign')
    return { name: `RSA ${bits}`, strong: bits !== undefined && bits >= MINIMUM_RSA_BITS }
  return { name: `${algorithm}${curve ? ` ${curve}` : ''}${bits ? ` ${bits}` : ''}`, strong: false }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Judges the key that made a signature at `signedAt`, at the moment `now`. `revoked` is the trust list's.
 * Throws `trust.weak-key`, `trust.key-revoked`, `trust.weak-hash` (its own signatures are SHA-1 or MD5 only),
 * `trust.key-expired`, `trust.key-invalid`.
 */
export async function checkSigningKey(
  primary: PublicKey,
  signing: PublicKey | Subkey,
  signedAt: Date,
  now: Date,
  revoked: ReadonlySet<string>,
): Promise<KeyFacts> {
  const openpgp = await loadOpenpgp()
  const config = strictConfig(openpgp)
  const key = fingerprintOf(signing)
  const subkey = signing === primary ? null : (primary.subkeys.find((one) => one === signing) ?? null)

  const algorithms = [signing, primary].map((one) => describeAlgorithm(one.getAlgorithmInfo()))
  for (const { name, strong } of algorithms)
    if (!strong) throw new EngineError('trust.weak-key', { key, found: name, expected: ACCEPTED_KEYS })
  if (revoked.has(key) || revoked.has(fingerprintOf(primary))) throw new EngineError('trust.key-revoked', { key })

  const ends = await expiryOf(openpgp, key, primary, subkey, now)
  const expires = ends === Number.POSITIVE_INFINITY ? null : new Date(ends)
  if (expires && expires <= now)
    throw new EngineError('trust.key-expired', { key, expired: toIsoTime(expires), now: toIsoTime(now) })
  if (signing.getCreationTime() > signedAt)
    throw new EngineError('trust.key-invalid', { key, problem: 'it is newer than the signature' })
  try {
    const found = await primary.getSigningKey(signing.getKeyID(), now, undefined, config)
    if (fingerprintOf(found) !== key) throw new Error('another key has the same short identifier')
  } catch (cause) {
    throw new EngineError('trust.key-invalid', { key, problem: messageOf(cause) }, { cause })
  }
  const user = await primary.getPrimaryUser(now, undefined, config).catch(() => null)
  return {
    fingerprint: fingerprintOf(primary),
    signingKey: key,
    userId: user?.user.userID?.userID ?? null,
    algorithm: algorithms[0].name,
    expires,
  }
}

/**
 * When the key was to expire by its own signatures of the moment `at`, milliseconds since 1970 or Infinity; null when it has
 * none from then (a key that was renewed and exported without its history). For records: it decides nothing.
 */
export async function expiryAt(primary: PublicKey, signing: PublicKey | Subkey, at: Date): Promise<number | null> {
  const openpgp = await loadOpenpgp()
  const config = strictConfig(openpgp)
  const { version, created } = primary.keyPacket
  const own = primary.toPacketList().filterByTag(openpgp.enums.packet.signature)
  // Version 6, and keys with signatures on the key itself, say it elsewhere.
  const direct = own.some((packet) => 'signatureType' in packet && packet.signatureType === openpgp.enums.signature.key)
  if (version !== 4 || direct) return null
  const user = await primary.getPrimaryUser(at, undefined, config).catch(() => null)
  if (!user) return null
  const { keyExpirationTime } = user.selfCertification
  const whole = keyExpirationTime ? created.getTime() + keyExpirationTime * 1000 : Number.POSITIVE_INFINITY
  const subkey = primary.subkeys.find((one) => one === signing)
  if (!subkey) return whole
  const part = await subkey.getExpirationTime(at, config)
  return part === null ? null : Math.min(whole, Number(part))
}

/** Milliseconds since 1970 or Infinity: the earlier end of primary key and subkey, by their newest own signatures. */
async function expiryOf(
  openpgp: Openpgp,
  key: string,
  primary: PublicKey,
  subkey: Subkey | null,
  now: Date,
): Promise<number> {
  const read = async (config: ReturnType<typeof strictConfig>) => [
    await primary.getExpirationTime(undefined, config),
    subkey ? await subkey.getExpirationTime(now, config) : Number.POSITIVE_INFINITY,
  ]
  const [whole, part] = await read(strictConfig(openpgp))
  if (whole !== null && part !== null) return Math.min(Number(whole), Number(part))
  const withWeakHashes = await read(lenientConfig(openpgp))
  if (withWeakHashes.every((end) => end !== null))
    throw new EngineError('trust.weak-hash', {
      where: `that binds the key ${key}`,
      found: 'SHA-1 or MD5',
      expected: 'SHA-256, SHA-384, SHA-512',
    })
  throw new EngineError('trust.key-invalid', { key, problem: 'its own signature on itself is missing or not valid' })
}
