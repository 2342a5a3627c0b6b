// Packs one image into a bundle's payload: cut into blocks, hash, cut out zero runs, compress each block on its own,
// write in order. A few blocks are compressed at once (the thread pool of zlib); memory is bounded by them.
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { gzip, zstdCompress } from 'node:zlib'
import { DEFAULT_BLOCK_SIZE } from '#format/image-layout.ts'
import type { ImageRole, ManifestImage } from '#model/manifest.ts'
import { digestOf } from '../codec/block-work.ts'
import { inBlocks } from './image-input.ts'
import { createTableBuilder, packBlock } from './image-table.ts'

const zstd = promisify(zstdCompress)
const gz = promisify(gzip)

export interface PackOptions {
  readonly role: ImageRole
  readonly compression: 'none' | 'zstd' | 'gzip'
  readonly blockSize?: number
  /** Where the image begins in the payload. */
  readonly offset: number
  readonly onProgress?: (plainBytes: number) => void
}

export interface PackedImage {
  readonly image: ManifestImage
  /** First bytes of the plain image, at most 512. */
  readonly head: Uint8Array
}

async function compress(packed: Uint8Array, compression: PackOptions['compression']): Promise<Uint8Array> {
  if (packed.length === 0 || compression === 'none') return packed
  return compression === 'zstd' ? await zstd(packed, { pledgedSrcSize: packed.length }) : await gz(packed)
}

/** Writes the stored blocks of an image to `payload` at `offset` and answers its entry for the manifest. */
export async function packImage(
  chunks: AsyncIterable<Uint8Array>,
  payload: FileHandle,
  { role, compression, blockSize = DEFAULT_BLOCK_SIZE, offset, onProgress }: PackOptions,
): Promise<PackedImage> {
  const builder = createTableBuilder(blockSize)
  const whole = createHash('sha256')
  const stored: number[] = []
  const waiting: Promise<Uint8Array>[] = []
  const parallel = compression === 'none' ? 1 : Math.min(8, availableParallelism() + 1)
  let at = offset
  let plainBytes = 0
  let head: Uint8Array | undefined
  const writeNext = async () => {
    const bytes = await waiting.shift()
    if (!bytes) return
    await writeAll(payload, bytes, at)
    stored.push(bytes.length)
    at += bytes.length
  }
  for await (const block of inBlocks(chunks, blockSize)) {
    head ??= block.slice(0, 512)
    whole.update(block)
    const compressed = compress(packBlock(block, builder.add(block, digestOf(block))), compression)
    // Awaited in order below; a failure in between must not count as unhandled.
    compressed.catch(() => {})
    waiting.push(compressed)
    if (waiting.length >= parallel) await writeNext()
    plainBytes += block.length
    onProgress?.(plainBytes)
  }
  while (waiting.length > 0) await writeNext()
  const table = builder.finish(whole.digest('hex'))
  return { image: { role, ...table, compression, offset, stored }, head: head ?? new Uint8Array(0) }
}

/** Writes all bytes at a position; a short write of the operating system is continued. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
