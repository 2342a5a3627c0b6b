// Which blocks of a fresh xfs carry meaning: everything that its free-space tree does not list as free. That includes the
// whole log: recovery looks for the newest record by cycle numbers, so old blocks in it would be taken for records.
// Follows "XFS Algorithms & Data Structures", chapters 13 (allocation groups: superblock, AGF, free space B+trees).
import { viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { type Span, subtract } from '#base/ranges.ts'
import type { ReadAt } from './ext4.ts'

const MAGIC_SUPERBLOCK = 0x58465342
const MAGIC_AGF = 0x58414746
const MAGIC_FREE_LEAF = 0x41423342
const LEAF_HEADER = 56

const unreadable = (what: string, found: number, expected: number | string) =>
  new EngineError('filesystem.unreadable', { kind: 'xfs', what, found, expected })

/** Byte ranges in use, ascending and disjoint. `size` is what is available, bytes. Throws `filesystem.unreadable`. */
export async function xfsUsedRanges(read: ReadAt, size: number): Promise<Span[]> {
  const must = (right: boolean, what: string, found: number, expected: number | string) => {
    if (!right) throw unreadable(what, found, expected)
  }
  const superblock = new Uint8Array(512)
  await read(0, superblock)
  const sb = viewOf(superblock)
  must(sb.getUint32(0) === MAGIC_SUPERBLOCK, 'the magic number', sb.getUint32(0), MAGIC_SUPERBLOCK)
  const blockSize = sb.getUint32(4)
  must(blockSize >= 1024 && blockSize <= 65536, 'the block size', blockSize, '1024 to 65536')
  const blocks = Number(sb.getBigUint64(8))
  must(blocks > 0 && blocks * blockSize <= size, 'the number of blocks', blocks, `up to ${size / blockSize}`)
  const groupBlocks = sb.getUint32(84)
  const groups = sb.getUint32(88)
  must(groups === Math.ceil(blocks / groupBlocks), 'the number of groups', groups, Math.ceil(blocks / groupBlocks))
  const sectorSize = sb.getUint16(102)
  must(sectorSize >= 512 && sectorSize <= blockSize, 'the sector size', sectorSize, `512 to ${blockSize}`)

  const free: Span[] = []
  const agf = new Uint8Array(64)
  const leaf = new Uint8Array(blockSize)
  for (let group = 0; group < groups; group++) {
    const start = group * groupBlocks
    const length = Math.min(groupBlocks, blocks - start)
    await read(start * blockSize + sectorSize, agf)
    const head = viewOf(agf)
    must(head.getUint32(0) === MAGIC_AGF, `the AGF of group ${group}`, head.getUint32(0), MAGIC_AGF)
    const root = head.getUint32(16)
    must(head.getUint32(28) === 1, `the height of the free-space tree of group ${group}`, head.getUint32(28), 1)
    must(root < length, `the free-space tree of group ${group} at block`, root, `below ${length}`)
    await read((start + root) * blockSize, leaf)
    const view = viewOf(leaf)
    must(
      view.getUint32(0) === MAGIC_FREE_LEAF,
      `the free-space leaf of group ${group}`,
      view.getUint32(0),
      MAGIC_FREE_LEAF,
    )
    const count = view.getUint16(6)
    must(
      LEAF_HEADER + count * 8 <= blockSize,
      `the free-space records of group ${group}`,
      count,
      `up to ${blockSize / 8}`,
    )
    for (let i = 0; i < count; i++) {
      const first = view.getUint32(LEAF_HEADER + i * 8)
      const extent = view.getUint32(LEAF_HEADER + i * 8 + 4)
      must(first + extent <= length, `a free extent of group ${group} ending at`, first + extent, `up to ${length}`)
      free.push({ start: start + first, end: start + first + extent })
    }
  }
  return subtract([{ start: 0, end: blocks }], free).map(({ start, end }) => ({
    start: start * blockSize,
    end: end * blockSize,
  }))
}
