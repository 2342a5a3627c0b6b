// Authenticates whole images before anything is written: every block is read, decoded and compared with its signed digest.
// A damaged release is then refused while the disk is untouched; the copy pipeline checks each block again as it writes.
import { throwIfAborted } from '#base/errors.ts'
import { blockCount, blockRange } from './copy/blocks.ts'
import { codecPool } from './copy/buffer-pool.ts'
import type { BlockCodec } from './copy/ports.ts'
import { readBlock, storedRoom } from './copy/read-block.ts'
import type { ImageSource } from './image-source.ts'

export interface CheckOptions {
  readonly signal?: AbortSignal
  /** Bytes of all images together. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
}

/**
 * Reads every block of every image. Memory: two blocks for each call that the codec has under way.
 * @throws EngineError `write.source-mismatch`, `write.source-undecodable`, `job.cancelled`, and what the sources throw
 */
export async function checkImages(
  sources: readonly ImageSource[],
  codec: BlockCodec,
  options: CheckOptions = {},
): Promise<void> {
  const total = sources.reduce((sum, { table }) => sum + table.size, 0)
  let done = 0
  for (const source of sources) {
    const count = blockCount(source.table)
    let next = 0
    let failed = false
    const most = Math.min(codec.parallel, count)
    const plains = codecPool(codec, most, source.table.blockSize)
    const storeds = codecPool(codec, most, storedRoom(source))
    const lane = async (): Promise<void> => {
      const [plain, stored] = [await plains.acquire(), await storeds.acquire()]
      try {
        await checkAll(plain.bytes, stored.bytes)
      } finally {
        plain.release()
        stored.release()
      }
    }
    const checkAll = async (plain: Uint8Array, stored: Uint8Array): Promise<void> => {
      while (next < count && !failed) {
        throwIfAborted(options.signal)
        const index = next++
        await readBlock(source, index, codec, plain, stored)
        done += blockRange(source.table, index).length
        options.onProgress?.(done, total)
      }
    }
    const lanes = Array.from({ length: most }, async () => {
      try {
        await lane()
      } catch (error) {
        failed = true
        throw error
      }
    })
    // All lanes end before the sources may be closed; the first failure counts.
    const ended = await Promise.allSettled(lanes)
    plains.end()
    storeds.end()
    for (const each of ended) if (each.status === 'rejected') throw each.reason
  }
}
