// What the beginning of an .xz file asks for: its integrity check, and the filters and dictionary of its first block. Only to
// say why a decoder cannot read it. Follows "The .xz File Format" 1.2.0, sections 2.1.1 (stream) and 3.1 (block header).
import { viewOf } from '#base/bytes.ts'

const CHECKS: Readonly<Record<number, string>> = { 0: 'none', 1: 'CRC32', 4: 'CRC64', 10: 'SHA-256' }
const FILTERS: Readonly<Record<number, string>> = {
  3: 'delta',
  4: 'x86',
  5: 'PowerPC',
  6: 'IA-64',
  7: 'ARM',
  8: 'ARM-Thumb',
  9: 'SPARC',
  10: 'ARM64',
  11: 'RISC-V',
  33: 'LZMA2',
}
const STREAM_HEADER = 12

export interface XzHeader {
  /** `CRC32`, `CRC64`, `SHA-256`, `none`, or `check N`. */
  readonly check: string
  /** In the order of the file; empty when its first block cannot be told. */
  readonly filters: readonly string[]
  /** Bytes of the LZMA2 dictionary; null when not told. */
  readonly dictionary: number | null
}

/** A number in groups of seven bits, at most nine bytes (section 1.2); null when it runs over the end. */
function readNumber(bytes: Uint8Array, at: number): { value: number; next: number } | null {
  let value = 0
  for (let i = 0; i < 9 && at + i < bytes.length; i++) {
    value += (bytes[at + i] & 0x7f) * 2 ** (7 * i)
    if ((bytes[at + i] & 0x80) === 0) return { value, next: at + i + 1 }
  }
  return null
}

const dictionaryOf = (bits: number): number => (bits >= 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11))

/** `head`: the first 1 KiB of a file that begins with xz's magic number. Null when there is not even a stream header. */
export function readXzHeader(head: Uint8Array): XzHeader | null {
  if (head.length < STREAM_HEADER || viewOf(head).getUint32(0) !== 0xfd377a58) return null
  const id = head[7] & 0x0f
  const check = CHECKS[id] ?? `check ${id}`
  const length = (head[STREAM_HEADER] + 1) * 4
  const block = head.subarray(STREAM_HEADER, STREAM_HEADER + length)
  // A first byte of zero is the index: there is no block.
  if (block.length < length || block[0] === 0) return { check, filters: [], dictionary: null }
  const filters: string[] = []
  let dictionary: number | null = null
  let at = 2
  for (const sized of [0x40, 0x80]) if (block[1] & sized) at = readNumber(block, at)?.next ?? block.length
  for (let i = 0; i <= (block[1] & 3); i++) {
    const filter = readNumber(block, at)
    const size = filter && readNumber(block, filter.next)
    if (!filter || !size) break
    filters.push(FILTERS[filter.value] ?? `filter ${filter.value}`)
    if (filter.value === 0x21 && size.value === 1) dictionary = dictionaryOf(block[size.next] & 0x3f)
    at = size.next + size.value
  }
  return { check, filters, dictionary }
}
