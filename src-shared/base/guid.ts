// GUIDs as GPT stores them (UEFI 2.10 appendix A: first three fields little-endian) and seeded version-8 UUIDs
// (RFC 9562), so that planning the same request twice gives the same identifiers.
import { sha256 } from '@noble/hashes/sha2.js'
import { toHex, utf8 } from './bytes.ts'

const PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

export const isGuid = (text: string): boolean => PATTERN.test(text)

const dashed = (hex: string) =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`

/** 16 bytes as on disk -> upper-case text. */
export const decodeGuid = (bytes: Uint8Array): string =>
  dashed(toHex(Uint8Array.from(ORDER, (index) => bytes[index]))).toUpperCase()

/** Text -> 16 bytes as on disk. The text must satisfy isGuid. */
export function encodeGuid(text: string): Uint8Array {
  const hex = text.replaceAll('-', '')
  return Uint8Array.from(ORDER, (index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16))
}

/** The GUID that `seed` gives for `purpose` (upper case): a version-8 UUID over SHA-256. */
export function seededGuid(seed: string, purpose: string): string {
  const digest = sha256(utf8(`twinslot guid\n${seed}\n${purpose}`)).slice(0, 16)
  digest[6] = (digest[6] & 0x0f) | 0x80
  digest[8] = (digest[8] & 0x3f) | 0x80
  return dashed(toHex(digest)).toUpperCase()
}
