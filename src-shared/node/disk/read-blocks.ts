// Reads a source from start to end in blocks, one read ahead of whoever hashes, in constant memory.
import { throwIfAborted } from '#base/errors.ts'
import type { ByteSource } from '#engine/ports.ts'

export interface PassOptions {
  readonly signal?: AbortSignal
  /** Called after each block. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
}

/** Yields the blocks of a source in order. A block is valid until the next one is asked for. */
export async function* readBlocks(
  source: ByteSource,
  blockSize: number,
  { signal, onProgress }: PassOptions = {},
): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.alloc(blockSize), Buffer.alloc(blockSize)]
  const count = Math.ceil(source.size / blockSize)
  const start = async (index: number): Promise<Uint8Array> => {
    const offset = index * blockSize
    const block = buffers[index % 2].subarray(0, Math.min(blockSize, source.size - offset))
    await source.read(offset, block)
    return block
  }
  let next = start(0)
  for (let index = 0; index < count; index++) {
    const block = await next
    throwIfAborted(signal)
    if (index + 1 < count) {
      next = start(index + 1)
      // Its failure is seen when it is awaited; the consumer may stop before.
      next.catch(() => {})
    }
    yield block
    onProgress?.(index * blockSize + block.length, source.size)
  }
}
