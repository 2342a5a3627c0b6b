// The one place that loads `openpgp` (slow to load, so only when a signature is due), and the rules it is run with.
// Version 6.3.2 is pinned: trust/digest-handover.test.ts guards the internal fields that we use.
import type { Config } from 'openpgp'

export type Openpgp = typeof import('openpgp')

let library: Promise<Openpgp> | undefined

export function loadOpenpgp(): Promise<Openpgp> {
  library ??= import('openpgp')
  return library
}

/** Rules for everything that makes a key believable: no SHA-1 or MD5 in its own signatures either. */
export const strictConfig = ({ config, enums }: Openpgp): Config => ({
  ...config,
  rejectHashAlgorithms: new Set([enums.hash.md5, enums.hash.ripemd, enums.hash.sha1, enums.hash.sha224]),
  rejectMessageHashAlgorithms: new Set([enums.hash.md5, enums.hash.ripemd, enums.hash.sha1, enums.hash.sha224]),
  ignoreUnsupportedPackets: false,
  allowMissingKeyFlags: false,
  allowInsecureVerificationWithReformattedKeys: false,
})

/** Rules for telling why a key is not believable: its own signatures may be weak. */
export const lenientConfig = ({ config }: Openpgp): Config => ({
  ...config,
  rejectHashAlgorithms: new Set(),
  rejectMessageHashAlgorithms: new Set(),
})
