// Where the blocks of an image lie, and which parts of it are zero. Pure arithmetic on the signed table.
import { equalBytes } from '#base/bytes.ts'
import type { ImageTable } from '#model/manifest.ts'

export interface Range {
  readonly offset: number
  readonly length: number
}

export { blockCount } from '#format/image-layout.ts'

/** Place of block `index` in the plain image. */
export function blockRange(table: ImageTable, index: number): Range {
  const offset = index * table.blockSize
  return { offset, length: Math.min(table.blockSize, table.size - offset) }
}

/** Index of the first run that ends behind `offset` (runs are ascending and apart). */
function firstRunBehind(runs: ImageTable['zeroRuns'], offset: number): number {
  let low = 0
  let high = runs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (runs[middle][0] + runs[middle][1] > offset) high = middle
    else low = middle + 1
  }
  return low
}

/** Zero runs inside a range of the image, relative to the range's start. */
export function zeroesIn(runs: ImageTable['zeroRuns'], range: Range): [number, number][] {
  const found: [number, number][] = []
  const end = range.offset + range.length
  for (let i = firstRunBehind(runs, range.offset); i < runs.length && runs[i][0] < end; i++) {
    const from = Math.max(runs[i][0], range.offset)
    const to = Math.min(runs[i][0] + runs[i][1], end)
    found.push([from - range.offset, to - from])
  }
  return found
}

/** What remains of `length` bytes when the holes (ascending, apart) are taken out. */
export function between(holes: readonly (readonly [number, number])[], length: number): [number, number][] {
  const rest: [number, number][] = []
  let at = 0
  for (const [offset, size] of holes) {
    if (offset > at) rest.push([at, offset - at])
    at = Math.max(at, offset + size)
  }
  if (at < length) rest.push([at, length - at])
  return rest
}

/**
 * Parts of two equally long blocks that differ, in steps of 4 KiB; neighbours closer than 64 KiB are joined, because one
 * longer write costs a disk less than two short ones.
 */
export function differences(a: Uint8Array, b: Uint8Array): [number, number][] {
  const STEP = 4096
  const JOIN = 65536
  const found: [number, number][] = []
  for (let offset = 0; offset < a.length; offset += STEP) {
    const length = Math.min(STEP, a.length - offset)
    if (equalBytes(a.subarray(offset, offset + length), b.subarray(offset, offset + length))) continue
    const last = found.at(-1)
    if (last && offset - (last[0] + last[1]) < JOIN) last[1] = offset + length - last[0]
    else found.push([offset, length])
  }
  return found
}
