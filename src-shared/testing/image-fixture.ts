// Images for tests of the copy pipeline: a plain image with its table, and the same image as a source in any packing.
import { createHash } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { EngineError } from '#base/errors.ts'
import { between, blockCount, blockRange, zeroesIn } from '#engine/copy/blocks.ts'
import type { ImageSource } from '#engine/image-source.ts'
import type { ByteSource } from '#engine/ports.ts'
import type { ImageTable } from '#model/manifest.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Zero runs in pages of 4096 bytes. */
function findZeroRuns(image: Uint8Array): [number, number][] {
  const runs: [number, number][] = []
  for (let at = 0; at < image.length; at += 4096) {
    const page = image.subarray(at, at + 4096)
    if (page.some((byte) => byte !== 0)) continue
    const last = runs.at(-1)
    if (last && last[0] + last[1] === at) last[1] += page.length
    else runs.push([at, page.length])
  }
  return runs
}

/** The true table of an image. */
export function tableOf(image: Uint8Array, blockSize = 64 * 1024): ImageTable {
  const blocks: string[] = []
  for (let at = 0; at < image.length; at += blockSize) blocks.push(sha256(image.subarray(at, at + blockSize)))
  return { size: image.length, sha256: sha256(image), blockSize, blocks, zeroRuns: findZeroRuns(image) }
}

/** Bytes in memory as a source; `reads` counts what was asked for, `bytes` may be changed to corrupt it. */
export interface MemorySource extends ByteSource {
  readonly bytes: Uint8Array
  readonly count: { reads: number; readBytes: number }
}

export function memorySource(bytes: Uint8Array, name = 'image'): MemorySource {
  const count = { reads: 0, readBytes: 0 }
  return {
    name,
    size: bytes.length,
    bytes,
    count,
    async read(offset, target) {
      count.reads++
      count.readBytes += target.length
      if (offset + target.length > bytes.length) {
        throw new EngineError('release.truncated', { name, expected: offset + target.length, found: bytes.length })
      }
      target.set(bytes.subarray(offset, offset + target.length))
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** A plain .img file. */
export const plainSource = (image: Uint8Array, table = tableOf(image)): ImageSource & { bytes: MemorySource } => ({
  table,
  bytes: memorySource(image),
  compression: 'none',
  packed: false,
  stored: (index) => blockRange(table, index),
})

/** As in a bundle: zero runs cut out, each block compressed on its own. `compress` makes one frame. */
export function packedSource(
  image: Uint8Array,
  compression: ImageSource['compression'],
  options: { readonly table?: ImageTable; readonly compress?: (bytes: Uint8Array) => Uint8Array } = {},
): ImageSource & { bytes: MemorySource } {
  const table = options.table ?? tableOf(image)
  const builtIn = { none: (b: Uint8Array) => b, zstd: zstdCompressSync, gzip: gzipSync, xz: null }[compression]
  const compress = options.compress ?? builtIn
  if (!compress) throw new Error(`no compressor for ${compression} here`)
  const places: { offset: number; length: number }[] = []
  const parts: Uint8Array[] = []
  let offset = 0
  for (let index = 0; index < blockCount(table); index++) {
    const range = blockRange(table, index)
    const pieces = between(zeroesIn(table.zeroRuns, range), range.length)
    const packed = Buffer.concat(pieces.map(([at, n]) => image.subarray(range.offset + at, range.offset + at + n)))
    const stored = packed.length === 0 ? packed : compress(packed)
    places.push({ offset, length: stored.length })
    parts.push(stored)
    offset += stored.length
  }
  return {
    table,
    bytes: memorySource(Buffer.concat(parts)),
    compression,
    packed: true,
    stored: (index) => places[index],
  }
}
