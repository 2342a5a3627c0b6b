// An image of any size that exists only as a rule, and a device that agrees with it: shows what memory the pipeline takes
// without needing the disk space.
import { createHash } from 'node:crypto'
import { MIB } from '#base/bytes.ts'
import type { ImageSource } from '#engine/image-source.ts'
import type { BlockDevice } from '#engine/ports.ts'
import { memoryDisk } from '#testing/memory-disk.ts'

const BLOCK = 4 * MIB
const KINDS = 50

async function fill(offset: number, target: Uint8Array): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const take = Math.min(target.length - done, BLOCK - ((offset + done) % BLOCK))
    target.fill(1 + (Math.floor((offset + done) / BLOCK) % KINDS), done, done + take)
    done += take
  }
}

export function imaginedCopy(size: number): { source: ImageSource; devices: BlockDevice[] } {
  const one = Buffer.alloc(BLOCK)
  const digests = Array.from({ length: KINDS }, (_, i) =>
    createHash('sha256')
      .update(one.fill(i + 1))
      .digest('hex'),
  )
  const blocks = Array.from({ length: size / BLOCK }, (_, i) => digests[i % KINDS])
  return {
    source: {
      table: { size, sha256: 'none', blockSize: BLOCK, blocks, zeroRuns: [] },
      bytes: { name: 'imagined', size, read: fill, async [Symbol.asyncDispose]() {} },
      compression: 'none',
      packed: false,
      stored: (index) => ({ offset: index * BLOCK, length: BLOCK }),
    },
    devices: [{ ...memoryDisk({ size }), read: fill, write: async () => {}, zero: async () => {} }],
  }
}
