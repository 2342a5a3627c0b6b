// Bulk hashing by OpenSSL (node:crypto). One SHA-256 state is shared between the plain digest and the signatures that
// begin with the same bytes, so that a file is hashed once for its checksum and its signature.
import { createHash, type Hash } from 'node:crypto'
import type { Digester, DigestRequest } from '#trust/signature-hash.ts'

/** Lower-case hexadecimal SHA-256. */
export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Digests for signatures over bytes that are in memory. */
export const digesterOf =
  (bytes: Uint8Array): Digester =>
  async (requests) =>
    requests.map(({ hash, prefix, suffix }) => createHash(hash).update(prefix).update(bytes).update(suffix).digest())

export interface StreamHasher {
  update(bytes: Uint8Array): void
  /** SHA-256 of what came so far, and the digest for each request. Ends the hasher. */
  finish(): { readonly sha256: string; readonly digests: Uint8Array[] }
}

/** Hashes a stream once per different algorithm and prefix; requests of plain SHA-256 ride on the file's own digest. */
export function createStreamHasher(requests: readonly DigestRequest[]): StreamHasher {
  const plain = createHash('sha256')
  const states = new Map<string, Hash>([['sha256:', plain]])
  const stateOf = ({ hash, prefix }: DigestRequest): Hash => {
    const name = `${hash}:${Buffer.from(prefix).toString('hex')}`
    const state = states.get(name) ?? createHash(hash).update(prefix)
    states.set(name, state)
    return state
  }
  const wanted = requests.map((request) => ({ state: stateOf(request), suffix: request.suffix }))
  return {
    update(bytes) {
      for (const state of states.values()) state.update(bytes)
    },
    finish() {
      const digests = wanted.map(({ state, suffix }) => state.copy().update(suffix).digest())
      return { sha256: plain.digest('hex'), digests }
    },
  }
}

/** SHA-256 piece by piece, for what has no block table. */
export function createDigest(): { update(bytes: Uint8Array): void; hex(): string } {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
}
