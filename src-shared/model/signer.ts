// Who vouches for some bytes: the outcome of an accepted signature (trust/signature.ts).

export interface Signer {
  /** Full fingerprint of the primary key, upper-case hexadecimal (40 or 64 digits). */
  readonly fingerprint: string
  /** Fingerprint of the (sub)key that signed. */
  readonly signingKey: string
  readonly userId: string | null
  /** For people: `Ed25519`, `RSA 4096`. */
  readonly algorithm: string
  /** `SHA-256`, `SHA-384`, `SHA-512`. */
  readonly hash: string
  /** ISO 8601 UTC. */
  readonly signedAt: string
  /** As the key is now; null when it does not expire. */
  readonly keyExpires: string | null
  /** As the key was when it signed; null when it, as it is here, has no own signature from then. */
  readonly keyExpiresAtSigning: string | 'never' | null
}
