// The arithmetic of image tables: blocks, zero runs, where stored bytes lie (docs/format/bundle.md section 4).
import { alignUp, KIB, MIB } from '#base/bytes.ts'
import type { ImageTable, ManifestImage } from '#model/manifest.ts'

/** Images begin at multiples of this in the payload; zero runs are multiples of it. */
export const ALIGNMENT = 4096
/** Measured (docs/adr/0008): writing and reading back in 1 MiB requests takes a third longer than in 4 MiB ones. */
export const DEFAULT_BLOCK_SIZE = 4 * MIB
export const MIN_BLOCK_SIZE = 64 * KIB
export const MAX_BLOCK_SIZE = 16 * MIB

export const blockCount = (table: Pick<ImageTable, 'size' | 'blockSize'>): number =>
  Math.ceil(table.size / table.blockSize)

/** Bytes of plain block `index`: the block size, less for the last one. */
export const blockLength = (table: Pick<ImageTable, 'size' | 'blockSize'>, index: number): number =>
  Math.min(table.blockSize, table.size - index * table.blockSize)

/** [offset, length] of the zero runs inside plain block `index`, counted from the block's start; ascending. */
export function zeroesOfBlock(table: ImageTable, index: number): (readonly [number, number])[] {
  const start = index * table.blockSize
  const end = start + blockLength(table, index)
  const found: (readonly [number, number])[] = []
  for (let i = firstRunAfter(table.zeroRuns, start); i < table.zeroRuns.length; i++) {
    const [offset, length] = table.zeroRuns[i]
    if (offset >= end) break
    const from = Math.max(offset, start)
    found.push([from - start, Math.min(offset + length, end) - from])
  }
  return found
}

/** Index of the first run that ends after `position` (binary search). */
function firstRunAfter(runs: ImageTable['zeroRuns'], position: number): number {
  let low = 0
  let high = runs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (runs[middle][0] + runs[middle][1] <= position) low = middle + 1
    else high = middle
  }
  return low
}

/** Bytes of plain block `index` that are not in a zero run: what is stored of it before compression. */
export const packedLength = (table: ImageTable, index: number): number =>
  zeroesOfBlock(table, index).reduce((left, [, length]) => left - length, blockLength(table, index))

/** Most bytes that a compressed block of `packed` bytes may take: room for the frame of data that does not shrink. */
export const storedLimit = (packed: number): number => packed + Math.ceil(packed / 64) + 1024

/** Stored bytes of a whole image. */
export const storedSize = (image: Pick<ManifestImage, 'stored'>): number =>
  image.stored.reduce((sum, length) => sum + length, 0)

/** Where each block's stored bytes begin, from `base`; one entry more than blocks, the last is the image's end. */
export function storedOffsets(image: Pick<ManifestImage, 'stored'>, base: number): Float64Array {
  const offsets = new Float64Array(image.stored.length + 1)
  offsets[0] = base
  for (let i = 0; i < image.stored.length; i++) offsets[i + 1] = offsets[i] + image.stored[i]
  return offsets
}

/** Bytes of the payload: up to the end of the last image. */
export function payloadSize(images: readonly Pick<ManifestImage, 'offset' | 'stored'>[]): number {
  const last = images.at(-1)
  return last ? last.offset + storedSize(last) : 0
}

export interface LayoutProblem {
  readonly where: string
  readonly problem: string
}

/** What is wrong with the tables and places of a list of images; null when nothing is. */
export function checkImageLayout(images: readonly ManifestImage[]): LayoutProblem | null {
  let next = 0
  for (const [index, image] of images.entries()) {
    const where = `images[${index}]`
    const problem = checkTable(image) ?? checkStored(image)
    if (problem) return { where: `${where}.${problem.where}`, problem: problem.problem }
    if (image.offset !== next) return { where: `${where}.offset`, problem: `is ${image.offset}, must be ${next}` }
    const end = image.offset + storedSize(image)
    if (!Number.isSafeInteger(end)) return { where: `${where}.stored`, problem: 'the sum is too large' }
    next = alignUp(end, ALIGNMENT)
  }
  return null
}

function checkTable(table: ImageTable): LayoutProblem | null {
  const { size, blockSize, blocks, zeroRuns } = table
  const isPowerOfTwo = Number.isInteger(Math.log2(blockSize))
  if (!isPowerOfTwo || blockSize < MIN_BLOCK_SIZE || blockSize > MAX_BLOCK_SIZE)
    return { where: 'blockSize', problem: `is ${blockSize}, must be a power of two from 64 KiB to 16 MiB` }
  if (blocks.length !== blockCount(table))
    return { where: 'blocks', problem: `has ${blocks.length} entries, must have ${blockCount(table)}` }
  let free = 0
  for (const [index, [offset, length]] of zeroRuns.entries()) {
    const end = offset + length
    const where = `zeroRuns[${index}]`
    if (length === 0 || end > size) return { where, problem: 'is empty or reaches beyond the image' }
    if (offset % ALIGNMENT !== 0 || (length % ALIGNMENT !== 0 && end !== size))
      return { where, problem: `is not a multiple of ${ALIGNMENT}` }
    if (offset < free) return { where, problem: 'does not lie apart from and after the run before it' }
    free = end + 1
  }
  return null
}

function checkStored(image: ManifestImage): LayoutProblem | null {
  const { stored, blocks, compression } = image
  if (stored.length !== blocks.length)
    return { where: 'stored', problem: `has ${stored.length} entries, must have ${blocks.length}` }
  for (const [index, length] of stored.entries()) {
    const packed = packedLength(image, index)
    const plain = packed === 0 || compression === 'none'
    const fits = plain ? length === packed : length > 0 && length <= storedLimit(packed)
    if (!fits)
      return {
        where: `stored[${index}]`,
        problem: plain ? `is ${length}, must be ${packed}` : `is ${length}, must be 1 to ${storedLimit(packed)}`,
      }
  }
  return null
}
