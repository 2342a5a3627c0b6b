// Collects the blocks of an image into its table and finds the runs of zeroes (docs/format/bundle.md section 4).
import { ALIGNMENT, DEFAULT_BLOCK_SIZE } from '#format/image-layout.ts'
import type { ImageTable } from '#model/manifest.ts'

export interface TableBuilder {
  /**
   * Takes the next block (`blockSize` bytes, less only for the last one) and its SHA-256. Answers its zero runs, from the
   * block's start.
   */
  add(block: Uint8Array, digest: string): (readonly [number, number])[]
  /** The table of what was added, with the SHA-256 of the whole. */
  finish(sha256: string): ImageTable
}

export function createTableBuilder(blockSize = DEFAULT_BLOCK_SIZE): TableBuilder {
  const zeroes = Buffer.alloc(blockSize)
  const blocks: string[] = []
  const runs: [number, number][] = []
  let size = 0
  const join = (offset: number, length: number) => {
    const last = runs.at(-1)
    if (last && last[0] + last[1] === offset) last[1] += length
    else runs.push([offset, length])
  }
  return {
    add(block, digest) {
      const isZero = zeroes.compare(block, 0, block.length, 0, block.length) === 0
      const found = isZero ? [[0, block.length] as const] : zeroPages(block, zeroes)
      for (const [offset, length] of found) join(size + offset, length)
      blocks.push(digest)
      size += block.length
      return found
    },
    finish: (sha256) => ({ size, sha256, blockSize, blocks, zeroRuns: runs }),
  }
}

/** Runs of zero pages in a block, joined; the last page may be short. */
function zeroPages(block: Uint8Array, zeroes: Buffer): (readonly [number, number])[] {
  const found: [number, number][] = []
  for (let offset = 0; offset < block.length; offset += ALIGNMENT) {
    if (block[offset] !== 0) continue
    const end = Math.min(offset + ALIGNMENT, block.length)
    if (zeroes.compare(block, offset, end, 0, end - offset) !== 0) continue
    const last = found.at(-1)
    if (last && last[0] + last[1] === offset) last[1] += end - offset
    else found.push([offset, end - offset])
  }
  return found
}

/** The block without its zero runs; the block itself when it has none. */
export function packBlock(block: Uint8Array, zeroes: readonly (readonly [number, number])[]): Uint8Array {
  if (zeroes.length === 0) return block
  const parts: Uint8Array[] = []
  let from = 0
  for (const [offset, length] of zeroes) {
    if (offset > from) parts.push(block.subarray(from, offset))
    from = offset + length
  }
  if (from < block.length) parts.push(block.subarray(from))
  return Buffer.concat(parts)
}
