// Ed25519 signatures (RFC 8032) with the system's own cryptography: the port VerifyEd25519 of trust/order.ts.
import { createPublicKey, verify } from 'node:crypto'
import { fromHex } from '#base/bytes.ts'
import type { VerifyEd25519 } from '#trust/order.ts'

/** True when `signatureHex` (128 digits) is the signature of `bytes` by the key `publicKeyHex` (64 digits). Never throws. */
export const verifyEd25519: VerifyEd25519 = (publicKeyHex, bytes, signatureHex) => {
  const x = fromHex(publicKeyHex)
  const signature = fromHex(signatureHex)
  if (x?.length !== 32 || signature?.length !== 64) return false
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(x).toString('base64url') }
    return verify(null, bytes, createPublicKey({ key: jwk, format: 'jwk' }), signature)
  } catch {
    // 32 bytes that are not a point of the curve: no key, so no signature by it.
    return false
  }
}
