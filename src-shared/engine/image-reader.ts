// Reads ranges of a release's image, believing nothing: each block is decoded, checked against the signed table, and kept
// for the next read. For small reads (directories, boot files); the copy pipeline does the bulk.
import { alignDown } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import type { BlockCodec } from './copy/ports.ts'
import { readBlock } from './copy/read-block.ts'
import type { ImageSource } from './image-source.ts'

const KEPT_BLOCKS = 4

type Read = (offset: number, target: Uint8Array) => Promise<void>

/** Does `work` with a reader, whose memory others may use afterwards. */
export async function withImageReader<T>(
  source: ImageSource,
  codec: BlockCodec,
  work: (read: Read) => Promise<T>,
): Promise<T> {
  const kept = new Map<number, Uint8Array>()
  const done = await work(imageReader(source, codec, kept))
  for (const bytes of kept.values()) if (bytes.length === source.table.blockSize) codec.spare?.put(bytes)
  return done
}

/**
 * A reader over the plain image: `read(offset, target)` fills target or throws `write.source-mismatch` for a block that
 * is not what was signed, `image.truncated` for a range behind the end.
 */
export function imageReader(source: ImageSource, codec: BlockCodec, kept = new Map<number, Uint8Array>()): Read {
  const { size, blockSize } = source.table
  const block = async (index: number): Promise<Uint8Array> => {
    const known = kept.get(index)
    if (known) return known
    const bytes = await readBlock(source, index, codec, codec.spare?.take(blockSize))
    if (kept.size >= KEPT_BLOCKS) kept.delete(kept.keys().next().value as number)
    kept.set(index, bytes)
    return bytes
  }
  return async (offset, target) => {
    if (offset < 0 || offset + target.length > size)
      throw new EngineError('image.truncated', { expected: offset + target.length, found: size })
    let done = 0
    while (done < target.length) {
      const at = offset + done
      const start = alignDown(at, blockSize)
      const bytes = await block(start / blockSize)
      const part = bytes.subarray(at - start, Math.min(bytes.length, at - start + target.length - done))
      target.set(part, done)
      done += part.length
    }
  }
}
