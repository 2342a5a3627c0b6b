// The station's own key: made at the first certificate, kept for its user only, never in the trust list. Its public half
// lies beside the certificates, for whoever has to check them.
import { hostname } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { digesterOf } from '#node/codec/hashing.ts'
import { readTextFile, writeFileAtomic } from '#node/os/state-file.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { parseTrust, type TrustedKeys } from '#trust/keyring.ts'
import { readSigningKey, type SigningKey, signDetached } from '#trust/sign.ts'
import type { Host } from '../ports.ts'

export interface StationSigner {
  readonly fingerprint: string
  /** Armored. */
  readonly publicKey: string
  readonly trusted: TrustedKeys
  /** Armored detached signature. */
  sign(bytes: Uint8Array): Promise<string>
}

export const publicKeyFile = (reports: string): string => join(reports, 'station.asc')

/** Loads the key, or makes it. @throws EngineError `report.station-key`, `settings.*` */
export async function openStationSigner({ paths, clock }: Pick<Host, 'paths' | 'clock'>): Promise<StationSigner> {
  const kept = await readTextFile(paths.stationKey)
  const secret = kept ?? (await makeKey(paths.stationKey, clock.now()))
  const unusable = (cause: unknown) => {
    const problem = cause instanceof Error ? cause.message : String(cause)
    return new EngineError('report.station-key', { file: paths.stationKey, problem }, { cause })
  }
  let key: SigningKey
  try {
    key = await readSigningKey(new TextEncoder().encode(secret), null)
  } catch (cause) {
    throw unusable(cause)
  }
  const publicKey = key.key.toPublic().armor()
  if ((await readTextFile(publicKeyFile(paths.reports))) !== publicKey)
    await writeFileAtomic(publicKeyFile(paths.reports), publicKey, { mode: 0o644 })
  return {
    fingerprint: key.fingerprint,
    publicKey,
    trusted: await parseTrust(new TextEncoder().encode(publicKey)),
    sign: async (bytes) => await signDetached(key, clock.now(), digesterOf(bytes)),
  }
}

async function makeKey(file: string, now: Date): Promise<string> {
  // OpenPGP counts whole seconds; a key of this second must not look like one of the future to what it signs.
  const at = new Date(Math.floor(now.getTime() / 1000) * 1000)
  const { secret } = await createSigningKey({ name: `Twinslot station ${hostname()}`, now: at })
  await writeFileAtomic(file, secret, { mode: 0o600 })
  return secret
}
