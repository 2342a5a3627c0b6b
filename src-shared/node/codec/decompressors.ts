// Decompression for small metadata blocks (squashfs) with Node's zlib and the WebAssembly xz. Output is bounded by
// `limit`; malformed input rejects.
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { concatBytes } from '#base/bytes.ts'
import type { Decompress, Decompressors } from '#format/squashfs-superblock.ts'
import { openXz } from './xz.ts'

const inflateBytes = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflate)

const gzip: Decompress = async (packed, limit) => new Uint8Array(await inflateBytes(packed, { maxOutputLength: limit }))

const xz: Decompress = async (packed, limit) => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of openXz([packed])) {
    size += part.length
    if (size > limit) throw new RangeError(`more than ${limit} bytes`)
    parts.push(part)
  }
  return concatBytes(parts)
}

/** What `checkSlotImage` needs; lzo is absent: such images are not looked into. */
export const squashfsDecompressors: Decompressors = { gzip, xz }
