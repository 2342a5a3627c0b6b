// Small pure helpers on bytes and numbers of bytes. Nothing here allocates more than its result.

export const KIB = 1024
export const MIB = 1024 * KIB
export const GIB = 1024 * MIB
/** Decimal units, as printed on drives and used by the two specifications. */
export const MB = 1_000_000
export const GB = 1_000_000_000

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX[byte]
  return text
}

/** Bytes of an even-length hexadecimal text (either case); null when it is not one. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

const NO_WORDS = new Uint32Array(0)

/** The whole words at its beginning, four bytes at a time; none where it is not aligned. */
const wordsOf = (bytes: Uint8Array): Uint32Array =>
  bytes.byteOffset % 4 === 0 ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2) : NO_WORDS

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  const [mine, other] = [wordsOf(a), wordsOf(b)]
  const words = Math.min(mine.length, other.length)
  for (let i = 0; i < words; i++) if (mine[i] !== other[i]) return false
  for (let i = 4 * words; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

export function isZero(bytes: Uint8Array): boolean {
  const words = wordsOf(bytes)
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false
  for (let i = 4 * words.length; i < bytes.length; i++) if (bytes[i] !== 0) return false
  return true
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const encoder = new TextEncoder()
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)
/** Text of UTF-8 bytes; null when they are not valid UTF-8. A byte-order mark is kept as a character. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

export const alignUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit
export const alignDown = (value: number, unit: number): number => Math.floor(value / unit) * unit

/** Decimal units as printed on drives: 16.0 GB, 512 MB, 4.10 kB. */
export function formatBytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let value = count
  let unit = 0
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  if (unit === 0) return `${count} B`
  return `${value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)} ${units[unit]}`
}
