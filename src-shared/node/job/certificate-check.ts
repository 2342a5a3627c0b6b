// Is this a certificate, unchanged since the station signed it? The signature is judged before anything is believed; the
// fingerprint inside must be the signer's.

import { EngineError } from '#base/errors.ts'
import { type Certificate, certificateSchema } from '#contract/certificate.ts'
import { boundedJson, jsonProblem } from '#format/bounded-json.ts'
import type { Signer } from '#model/signer.ts'
import type { TrustedKeys } from '#trust/keyring.ts'
import { verifyDetached } from '#trust/signature.ts'
import { digesterOf } from '../codec/hashing.ts'

/** No certificate comes near this. */
export const CERTIFICATE_LIMIT = 4 * 1024 * 1024

export interface CheckedCertificate {
  readonly certificate: Certificate
  readonly signer: Signer
}

/**
 * @throws EngineError `trust.*` for a signature that is not good or not by one of these keys, `report.malformed`,
 * `report.signer-differs`
 */
export async function checkCertificate(
  name: string,
  bytes: Uint8Array,
  signature: Uint8Array,
  trusted: TrustedKeys,
  now: Date,
): Promise<CheckedCertificate> {
  const digest = digesterOf(bytes)
  const names = { signatureName: `${name}.asc`, dataName: name }
  const signer = await verifyDetached({ signature, ...names, trusted, now, digest })
  const certificate = parseCertificate(name, bytes)
  if (certificate.signedBy !== signer.fingerprint)
    throw new EngineError('report.signer-differs', { name, expected: certificate.signedBy, found: signer.fingerprint })
  return { certificate, signer }
}

/** More is no certificate. */
const MAX_CERTIFICATE = 16_000_000

/** The shape only; who wrote it is not looked at. @throws EngineError `report.malformed` */
export function parseCertificate(name: string, bytes: Uint8Array): Certificate {
  const malformed = (problem: string) => new EngineError('report.malformed', { name, problem })
  let value: unknown
  try {
    value = boundedJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes), MAX_CERTIFICATE)
  } catch (error) {
    throw malformed(jsonProblem(error, 'it is not JSON in UTF-8'))
  }
  const parsed = certificateSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw malformed(`${issue.path.join('.') || 'the whole'}: ${issue.message}`)
}
