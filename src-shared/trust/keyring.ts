// The trust list: an armored OpenPGP public key ring. Every key in it is trusted, by its full fingerprint; whether a key
// may be used at a moment is judged when a signature is checked (key-check.ts).
import type { Key, PublicKey } from 'openpgp'
import { EngineError } from '../base/errors.ts'
import { splitArmor } from './armor.ts'
import { loadOpenpgp } from './openpgp.ts'

export const MAX_KEYRING_SIZE = 4 << 20

export interface TrustedKeys {
  readonly keys: readonly PublicKey[]
  /** Full fingerprints of the primary keys, upper-case hexadecimal. */
  readonly fingerprints: readonly string[]
}

export const fingerprintOf = (key: { getFingerprint(): string }): string => key.getFingerprint().toUpperCase()

const malformed = (problem: string, cause?: unknown) =>
  new EngineError('trust.keyring-malformed', { problem }, { cause })

/**
 * Reads a trust list; several armored blocks one after the other are one list.
 * Throws `trust.keyring-malformed`, `trust.keyring-empty`, `trust.keyring-secret`, `trust.keyring-duplicate`.
 */
export async function parseTrust(armored: Uint8Array): Promise<TrustedKeys> {
  if (armored.length > MAX_KEYRING_SIZE) throw malformed(`it is larger than ${MAX_KEYRING_SIZE} bytes`)
  const blocks = splitArmor(armored)
  if (blocks === null) throw malformed('it is not armored text')
  const { readKeys } = await loadOpenpgp()
  const keys: Key[] = []
  for (const { label, text } of blocks) {
    if (label !== 'PGP PUBLIC KEY BLOCK' && label !== 'PGP PRIVATE KEY BLOCK') throw malformed(`it holds a ${label}`)
    try {
      keys.push(...(await readKeys({ armoredKeys: text })))
    } catch (cause) {
      throw malformed(cause instanceof Error ? cause.message : 'a block cannot be read', cause)
    }
  }
  const secret = keys.find((key) => key.isPrivate())
  if (secret) throw new EngineError('trust.keyring-secret', { fingerprint: fingerprintOf(secret) })
  if (keys.length === 0) throw new EngineError('trust.keyring-empty')
  const fingerprints = keys.map(fingerprintOf)
  const twice = fingerprints.find((fingerprint, index) => fingerprints.indexOf(fingerprint) !== index)
  if (twice) throw new EngineError('trust.keyring-duplicate', { fingerprint: twice })
  return { keys, fingerprints }
}
