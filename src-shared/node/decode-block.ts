// Turns one stored block into its packed bytes, bounded by the length that the signed table gives.
import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'
import type { Compression } from '../model/manifest.ts'
import { openXz } from './xz.ts'

const unzstd = promisify(zstdDecompress)
const ungzip = promisify(gunzip)

/** Bytes of one frame; never more than `length` are made. Throws whatever the decoder throws, or a RangeError. */
async function decode(stored: Uint8Array, compression: Compression, length: number): Promise<Uint8Array> {
  if (compression === 'none') return stored
  if (compression === 'zstd') return await unzstd(stored, { maxOutputLength: length })
  if (compression === 'gzip') return await ungzip(stored, { maxOutputLength: length })
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of openXz([stored])) {
    size += part.length
    if (size > length) throw new RangeError('it gives more bytes than it may')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** The packed bytes of a stored block, exactly `length`. Throws any Error; the caller says which block it was. */
export async function decodeBlock(stored: Uint8Array, compression: Compression, length: number): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array(0)
  const packed = await decode(stored, compression, length)
  if (packed.length !== length) throw new RangeError(`it gives ${packed.length} bytes`)
  return packed
}
