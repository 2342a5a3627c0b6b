// New signing keys for the demonstration and for tests: Ed25519 in the form that every GnuPG since 2.1 reads.
import { loadOpenpgp } from '#trust/openpgp.ts'

export interface NewSigningKey {
  /** Armored; protected by the passphrase when one was given. */
  readonly secret: string
  readonly public: string
  /** Full fingerprint, upper-case hexadecimal. */
  readonly fingerprint: string
}

/** Makes a key pair that is valid from `now` on, for `validDays` days or for ever. */
export async function createSigningKey(options: {
  readonly name: string
  readonly now: Date
  readonly email?: string
  readonly passphrase?: string
  readonly validDays?: number
}): Promise<NewSigningKey> {
  const { generateKey, readKey } = await loadOpenpgp()
  const { privateKey, publicKey } = await generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ name: options.name, email: options.email }],
    subkeys: [],
    date: options.now,
    passphrase: options.passphrase,
    keyExpirationTime: (options.validDays ?? 0) * 86_400,
    format: 'armored',
  })
  const fingerprint = (await readKey({ armoredKey: publicKey })).getFingerprint().toUpperCase()
  return { secret: privateKey, public: publicKey, fingerprint }
}
