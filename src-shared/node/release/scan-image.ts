// The one long pass over a plain image: checksum, digests for its signatures, and its block table. The whole is hashed
// here, the blocks in worker threads; every byte is read once.
import { throwIfAborted } from '#base/errors.ts'
import type { ByteSource } from '#engine/ports.ts'
import { blockCount, blockLength, DEFAULT_BLOCK_SIZE } from '#format/image-layout.ts'
import type { ImageTable } from '#model/manifest.ts'
import type { DigestRequest } from '#trust/signature-hash.ts'
import { codecFor } from '../codec/codec-for.ts'
import { createStreamHasher } from '../codec/hashing.ts'
import { inOrder } from '../codec/in-order.ts'
import type { PassOptions } from '../disk/read-blocks.ts'
import { createTableBuilder } from './image-table.ts'

const DEPTH = 3

/** Throws what the source throws, and `job.cancelled`. */
export async function scanImage(
  source: ByteSource,
  requests: readonly DigestRequest[],
  { signal, onProgress }: PassOptions,
): Promise<{ table: ImageTable; sha256: string; digests: Uint8Array[] }> {
  const shape = { size: source.size, blockSize: DEFAULT_BLOCK_SIZE }
  const hasher = createStreamHasher(requests)
  const builder = createTableBuilder(shape.blockSize)
  // One thread for the blocks; this one hashes the whole meanwhile.
  await using codec = codecFor(source.size, 1)
  const slots = Array.from({ length: DEPTH }, () => codec.allocate(Math.min(shape.blockSize, shape.size)))
  const read = async (index: number, slot: number) => {
    const block = slots[slot].subarray(0, blockLength(shape, index))
    await source.read(index * shape.blockSize, block)
    const digest = codec.digest(block)
    // Awaited when it is the block's turn; that turn may never come.
    digest.catch(() => {})
    return { block, digest }
  }
  let done = 0
  for await (const { block, digest } of inOrder(blockCount(shape), DEPTH, read)) {
    throwIfAborted(signal)
    hasher.update(block)
    builder.add(block, await digest)
    done += block.length
    onProgress?.(done, shape.size)
  }
  const { sha256, digests } = hasher.finish()
  return { table: builder.finish(sha256), sha256, digests }
}

/** The same pass without the table: for checking only. Reading ahead overlaps with hashing. */
export async function hashImage(
  source: ByteSource,
  requests: readonly DigestRequest[],
  { signal, onProgress }: PassOptions,
): Promise<{ sha256: string; digests: Uint8Array[] }> {
  const shape = { size: source.size, blockSize: DEFAULT_BLOCK_SIZE }
  const hasher = createStreamHasher(requests)
  const slots = Array.from({ length: DEPTH }, () => new Uint8Array(Math.min(shape.blockSize, shape.size)))
  const read = async (index: number, slot: number) => {
    const block = slots[slot].subarray(0, blockLength(shape, index))
    await source.read(index * shape.blockSize, block)
    return block
  }
  let done = 0
  for await (const block of inOrder(blockCount(shape), DEPTH, read)) {
    throwIfAborted(signal)
    hasher.update(block)
    done += block.length
    onProgress?.(done, shape.size)
  }
  return hasher.finish()
}
