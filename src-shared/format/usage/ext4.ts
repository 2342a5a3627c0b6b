// Which blocks of a fresh ext4 file system carry meaning, from its own group descriptors and block bitmaps, so that
// copying those (zero blocks included) over a disk full of old bytes gives a sound file system.
// Unused inode tables are left out where the group says that they are not initialised: the kernel zeroes them at the
// first mount (lazy_itable_init) and e2fsck skips them. The journal is in use, thus copied or zeroed as a whole:
// old jbd2 blocks with a matching sequence number must never be replayed.
// Follows Documentation/filesystems/ext4 in the Linux kernel (superblock, group descriptors, bitmaps).
import { viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { type Span, subtract } from '#base/ranges.ts'

export type ReadAt = (offset: number, target: Uint8Array) => Promise<void>

const INCOMPAT_META_BG = 0x10
const INCOMPAT_64BIT = 0x80
const INCOMPAT_EXTENTS = 0x40
const INODE_UNINIT = 1
const BLOCK_UNINIT = 2
const ITABLE_ZEROED = 4

const unreadable = (what: string, found: number | string, expected: number | string) =>
  new EngineError('filesystem.unreadable', { kind: 'ext4', what, found, expected })

/** sparse_super: copies of superblock and descriptors are in groups 0, 1 and powers of 3, 5, 7. */
function hasSuperblock(group: number): boolean {
  if (group <= 1) return true
  for (const base of [3, 5, 7]) {
    let power = base
    while (power < group) power *= base
    if (power === group) return true
  }
  return false
}

/**
 * Byte ranges in use, ascending and disjoint. `size` is what is available, bytes.
 * Throws `filesystem.unreadable`, also for features that our own mke2fs call does not switch on.
 */
export async function ext4UsedRanges(read: ReadAt, size: number): Promise<Span[]> {
  const superblock = new Uint8Array(1024)
  await read(1024, superblock)
  const sb = viewOf(superblock)
  const must = (right: boolean, what: string, found: number, expected: number | string) => {
    if (!right) throw unreadable(what, found, expected)
  }
  must(sb.getUint16(56, true) === 0xef53, 'the magic number', sb.getUint16(56, true), 0xef53)
  must(sb.getUint32(24, true) === 2, 'the block size class', sb.getUint32(24, true), '2 (4096 bytes)')
  const blockSize = 4096
  const incompat = sb.getUint32(96, true)
  must((incompat & INCOMPAT_META_BG) === 0 && (incompat & INCOMPAT_EXTENTS) !== 0, 'the feature set', incompat, 'ours')
  const wide = (incompat & INCOMPAT_64BIT) !== 0
  const blocks = sb.getUint32(4, true) + (wide ? sb.getUint32(336, true) * 2 ** 32 : 0)
  must(blocks > 0 && blocks * blockSize <= size, 'the number of blocks', blocks, `up to ${size / blockSize}`)
  const perGroup = sb.getUint32(32, true)
  // mke2fs always makes groups of this size; smaller ones would be millions of groups on a large partition.
  must(perGroup === blockSize * 8, 'blocks per group', perGroup, blockSize * 8)
  const inodesPerGroup = sb.getUint32(40, true)
  const inodeSize = sb.getUint16(88, true)
  must(
    inodesPerGroup > 0 && inodesPerGroup <= blockSize * 8,
    'inodes per group',
    inodesPerGroup,
    `1 to ${blockSize * 8}`,
  )
  must(inodeSize >= 128 && inodeSize <= blockSize, 'the inode size', inodeSize, '128 to 4096')
  const descriptorSize = wide ? sb.getUint16(254, true) : 32
  must(descriptorSize === 32 || descriptorSize === 64, 'the descriptor size', descriptorSize, '32 or 64')

  const groups = Math.ceil(blocks / perGroup)
  const descriptorBlocks = Math.ceil((groups * descriptorSize) / blockSize)
  const reservedBlocks = sb.getUint16(206, true)
  const firstData = sb.getUint32(20, true)
  must(firstData === 0, 'the first data block', firstData, 0)
  const tableBlocks = Math.ceil((inodesPerGroup * inodeSize) / blockSize)
  const table = new Uint8Array(descriptorBlocks * blockSize)
  await read(blockSize, table)
  const view = viewOf(table)
  const used: Span[] = []
  const idle: Span[] = []
  const bitmap = new Uint8Array(blockSize)
  for (let group = 0; group < groups; group++) {
    const at = group * descriptorSize
    const number = (low: number, high: number) =>
      view.getUint32(at + low, true) + (descriptorSize === 64 ? view.getUint32(at + high, true) * 2 ** 32 : 0)
    const first = group * perGroup
    const flags = view.getUint16(at + 18, true)
    const [blockBitmap, inodeBitmap, inodeTable] = [number(0, 32), number(4, 36), number(8, 40)]
    for (const [place, length] of [
      [blockBitmap, 1],
      [inodeBitmap, 1],
      [inodeTable, tableBlocks],
    ]) {
      must(place > 0 && place + length <= blocks, `metadata of group ${group} at block`, place, `below ${blocks}`)
      used.push({ start: place, end: place + length })
    }
    if (hasSuperblock(group)) {
      const end = first + 1 + descriptorBlocks + reservedBlocks
      const room = Math.min(first + perGroup, blocks)
      must(end <= room, `the end of the descriptors of group ${group}`, end, `up to ${room}`)
      used.push({ start: first, end })
    }
    const unused = view.getUint16(at + 28, true) + (descriptorSize === 64 ? view.getUint16(at + 50, true) * 65536 : 0)
    const inodes = flags & INODE_UNINIT ? 0 : inodesPerGroup - Math.min(unused, inodesPerGroup)
    if ((flags & ITABLE_ZEROED) === 0)
      idle.push({ start: inodeTable + Math.ceil((inodes * inodeSize) / blockSize), end: inodeTable + tableBlocks })
    if (flags & BLOCK_UNINIT) continue
    await read(blockBitmap * blockSize, bitmap)
    const count = Math.min(perGroup, blocks - first)
    for (let i = 0; i < count; i++) {
      if ((bitmap[i >> 3] & (1 << (i & 7))) === 0) continue
      const start = i
      while (i < count && (bitmap[i >> 3] & (1 << (i & 7))) !== 0) i++
      used.push({ start: first + start, end: first + i })
    }
  }
  return subtract(used, idle).map(({ start, end }) => ({ start: start * blockSize, end: end * blockSize }))
}
