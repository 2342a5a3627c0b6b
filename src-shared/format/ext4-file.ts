// Finds a file in an ext4 image and reads it: superblock, group descriptors, inodes, extents or block maps, directories,
// links. Everything read is bounded by the image and by the caller's limit; bad bytes end in `image.damaged`. What it does
// not read (encrypted or inline content, descriptors spread over the groups) is told as `unread`, never guessed.
// Follows Documentation/filesystems/ext4 in the Linux kernel (layout only).
import { fromUtf8, viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import type { SquashfsEntry } from './squashfs.ts'
import type { ReadImage } from './squashfs-superblock.ts'

/** The image, or why it is not looked into. */
export type Ext4Opening = { readonly unread: string } | Ext4

export interface Ext4 {
  /** What a path leads to, symbolic links followed; null when nothing is there. Throws `image.damaged`. */
  lookup(path: string): Promise<SquashfsEntry | { readonly unread: string } | null>
  /** Content of a file of at most `limit` bytes; null when there is none, or a larger one. Throws `image.damaged`. */
  readFile(path: string, limit: number): Promise<Uint8Array | null>
}

const ROOT = 2
const META_BG = 0x10
const WIDE = 0x80
/** Compressed, a journal device, meta_bg, content in extended attributes of other inodes, data in directory entries. */
const UNREAD_FEATURES = 0x1 | 0x8 | META_BG | 0x400 | 0x1000
const EXTENTS_FLAG = 0x80000
/** Compressed, encrypted, in an attribute of another inode, inside the inode. */
const UNREAD_FLAGS = 0x4 | 0x800 | 0x200000 | 0x10000000
const EXTENT_MAGIC = 0xf30a
const MAX_LISTING = 16 * 1024 * 1024
const MAX_LINKS = 8
const MAX_LINK = 4096
const MAX_DEPTH = 5
const KEPT_BLOCKS = 64

const damaged = (what: string, found: number | string, expected: number | string) =>
  new EngineError('image.damaged', { what, found, expected })
const hex = (value: number): string => `0x${value.toString(16)}`

interface Geometry {
  readonly blockSize: number
  readonly blocks: number
  readonly inodes: number
  readonly inodesPerGroup: number
  readonly inodeSize: number
  readonly descriptors: number
  readonly descriptorSize: number
}

/** Bytes that the file system says it has. `head`: the first 2048 bytes of the image. */
export function ext4Size(head: Uint8Array): number {
  const sb = viewOf(head.subarray(1024))
  const wide = (sb.getUint32(96, true) & WIDE) !== 0
  const blocks = sb.getUint32(4, true) + (wide ? sb.getUint32(336, true) * 2 ** 32 : 0)
  return blocks * 1024 * 2 ** Math.min(sb.getUint32(24, true), 6)
}

function decodeGeometry(head: Uint8Array): Geometry | { readonly unread: string } {
  const sb = viewOf(head.subarray(1024))
  const must = (right: boolean, what: string, found: number, expected: string) => {
    if (!right) throw damaged(what, found, expected)
  }
  const incompat = sb.getUint32(96, true)
  if ((incompat & UNREAD_FEATURES) !== 0) return { unread: `features ${hex(incompat & UNREAD_FEATURES)}` }
  const log = sb.getUint32(24, true)
  must(log <= 6, 'the block size class', log, '0 to 6')
  const blockSize = 1024 * 2 ** log
  const inodesPerGroup = sb.getUint32(40, true)
  must(
    inodesPerGroup > 0 && inodesPerGroup <= blockSize * 8,
    'inodes per group',
    inodesPerGroup,
    `1 to ${blockSize * 8}`,
  )
  const inodeSize = sb.getUint32(76, true) === 0 ? 128 : sb.getUint16(88, true)
  must(inodeSize >= 128 && inodeSize <= blockSize, 'the inode size', inodeSize, `128 to ${blockSize}`)
  const descriptorSize = (incompat & WIDE) === 0 ? 32 : sb.getUint16(254, true)
  must(descriptorSize >= 32 && descriptorSize <= 1024, 'the descriptor size', descriptorSize, '32 to 1024')
  const descriptors = (sb.getUint32(20, true) + 1) * blockSize
  const blocks = ext4Size(head) / blockSize
  return { blockSize, blocks, inodes: sb.getUint32(0, true), inodesPerGroup, inodeSize, descriptors, descriptorSize }
}

interface Inode {
  readonly type: 'file' | 'directory' | 'link' | 'other'
  readonly size: number
  readonly flags: number
  /** The 60 bytes that map the content, or are a short link's target. */
  readonly map: Uint8Array
}

const TYPES: Readonly<Record<number, Inode['type']>> = { 8: 'file', 4: 'directory', 10: 'link' }

/** Opens an image whose magic number was seen; `head` is its first 2048 bytes. Throws `image.damaged`, and what `read` throws. */
export function openExt4(read: ReadImage, head: Uint8Array): Ext4Opening {
  const geometry = decodeGeometry(head)
  if ('unread' in geometry) return geometry
  const { blockSize, blocks, inodes, inodesPerGroup, inodeSize, descriptors, descriptorSize } = geometry
  const known = new Map<number, Uint8Array>()

  async function bytesAt(offset: number, length: number, what: string): Promise<Uint8Array> {
    if (offset + length > blocks * blockSize)
      throw damaged(`the place of ${what}`, offset, `below ${blocks * blockSize}`)
    const bytes = new Uint8Array(length)
    await read(offset, bytes)
    return bytes
  }

  async function block(number: number, what: string): Promise<Uint8Array> {
    const there = known.get(number)
    if (there) return there
    if (number === 0 || number >= blocks) throw damaged(`the block of ${what}`, number, `1 to ${blocks - 1}`)
    const bytes = await bytesAt(number * blockSize, blockSize, what)
    if (known.size >= KEPT_BLOCKS) known.clear()
    known.set(number, bytes)
    return bytes
  }

  async function inode(number: number): Promise<Inode> {
    if (number < 1 || number > inodes) throw damaged('the number of an inode', number, `1 to ${inodes}`)
    const [group, index] = [Math.floor((number - 1) / inodesPerGroup), (number - 1) % inodesPerGroup]
    const row = viewOf(await bytesAt(descriptors + group * descriptorSize, descriptorSize, 'a group descriptor'))
    const table = row.getUint32(8, true) + (descriptorSize >= 64 ? row.getUint32(40, true) * 2 ** 32 : 0)
    if (table === 0) throw damaged(`the inode table of group ${group}`, table, `1 to ${blocks - 1}`)
    const bytes = await bytesAt(table * blockSize + index * inodeSize, 128, `inode ${number}`)
    const view = viewOf(bytes)
    const size = view.getUint32(4, true) + view.getUint32(108, true) * 2 ** 32
    const type = TYPES[view.getUint16(0, true) >> 12] ?? 'other'
    return { type, size, flags: view.getUint32(32, true), map: bytes.subarray(40, 100) }
  }

  /** Block of the image that holds block `wanted` of a file; 0 for one that was never written. */
  const placeOf = (node: Inode, wanted: number): Promise<number> =>
    (node.flags & EXTENTS_FLAG) === 0 ? mapped(node.map, wanted) : extentFor(node.map, wanted)

  async function extentFor(map: Uint8Array, wanted: number): Promise<number> {
    let bytes = map
    for (let above = MAX_DEPTH + 1; ; ) {
      const view = viewOf(bytes)
      const [magic, count, depth] = [0, 2, 6].map((at) => view.getUint16(at, true))
      if (magic !== EXTENT_MAGIC || depth >= above || 12 + count * 12 > bytes.length)
        throw damaged(
          'a node of extents',
          `${hex(magic)}, ${count} rows, depth ${depth}`,
          `${hex(EXTENT_MAGIC)} with room`,
        )
      const rows = Array.from({ length: count }, (_, index) => 12 + index * 12)
      const row = rows.findLast((at) => view.getUint32(at, true) <= wanted)
      if (row === undefined) return 0
      if (depth === 0) {
        const into = wanted - view.getUint32(row, true)
        // More than 32768: reserved, never written.
        if (into >= view.getUint16(row + 4, true) || view.getUint16(row + 4, true) > 32_768) return 0
        return view.getUint32(row + 8, true) + view.getUint16(row + 6, true) * 2 ** 32 + into
      }
      above = depth
      bytes = await block(view.getUint32(row + 4, true) + view.getUint16(row + 8, true) * 2 ** 32, 'extents')
    }
  }

  async function mapped(map: Uint8Array, wanted: number): Promise<number> {
    const perBlock = blockSize / 4
    if (wanted < 12) return viewOf(map).getUint32(wanted * 4, true)
    let rest = wanted - 12
    for (let level = 1; level <= 3; rest -= perBlock ** level, level++) {
      if (rest >= perBlock ** level) continue
      let at = viewOf(map).getUint32((11 + level) * 4, true)
      for (let left = level - 1; left >= 0 && at !== 0; left--) {
        const index = Math.floor(rest / perBlock ** left) % perBlock
        at = viewOf(await block(at, 'a block map')).getUint32(index * 4, true)
      }
      return at
    }
    throw damaged('the length of a file in blocks', wanted, 'within its block map')
  }

  async function content(node: Inode, what: string, limit: number): Promise<Uint8Array> {
    if (node.size > limit) throw damaged(`the length of ${what}`, node.size, `up to ${limit}`)
    const bytes = new Uint8Array(node.size)
    for (let at = 0; at < node.size; at += blockSize) {
      const place = await placeOf(node, at / blockSize)
      if (place !== 0) bytes.set((await block(place, what)).subarray(0, node.size - at), at)
    }
    return bytes
  }

  async function find(directory: Inode, name: string): Promise<number | null> {
    const bytes = await content(directory, 'a directory', MAX_LISTING)
    const view = viewOf(bytes)
    for (let at = 0; at + 8 <= bytes.length; ) {
      const told = view.getUint16(at + 4, true)
      const length = blockSize === 65_536 && (told === 0 || told === 65_535) ? blockSize : told
      const nameLength = bytes[at + 6]
      const room = blockSize - (at % blockSize)
      if (length < 8 || length % 4 !== 0 || length > room || 8 + nameLength > length)
        throw damaged('the length of a directory entry', length, `8 to ${room}`)
      const number = view.getUint32(at, true)
      if (number !== 0 && fromUtf8(bytes.subarray(at + 8, at + 8 + nameLength)) === name) return number
      at += length
    }
    return null
  }

  const targetOf = async (node: Inode): Promise<string> =>
    fromUtf8(node.size < 60 ? node.map.subarray(0, node.size) : await content(node, 'a symbolic link', MAX_LINK)) ?? ''

  const unreadOf = ({ flags }: Inode): string | null =>
    (flags & UNREAD_FLAGS) === 0 ? null : `an inode with flags ${hex(flags & UNREAD_FLAGS)}`

  async function resolve(path: string): Promise<Inode | { readonly unread: string } | null> {
    // The chain of directories from the root; ".." is an entry like any other, and ends at the root.
    const todo = path.split('/').filter(Boolean)
    let here = await inode(ROOT)
    let links = 0
    for (let directory = here; ; ) {
      const unread = unreadOf(here)
      if (unread !== null) return { unread }
      const part = todo.shift()
      if (part === undefined) return here
      if (here.type !== 'directory') return null
      directory = here
      const number = await find(directory, part)
      if (number === null) return null
      here = await inode(number)
      if (here.type !== 'link') continue
      if (++links > MAX_LINKS) throw damaged(`the number of symbolic links in ${path}`, links, `up to ${MAX_LINKS}`)
      const hidden = unreadOf(here)
      if (hidden !== null) return { unread: hidden }
      const target = await targetOf(here)
      todo.unshift(...target.split('/').filter(Boolean))
      here = target.startsWith('/') ? await inode(ROOT) : directory
    }
  }

  return {
    async lookup(path) {
      const found = await resolve(path)
      if (!found || 'unread' in found) return found
      const type = found.type === 'link' ? 'other' : found.type
      return { type, size: type === 'file' ? found.size : 0 }
    },
    async readFile(path, limit) {
      const found = await resolve(path)
      if (!found || 'unread' in found || found.type !== 'file' || found.size > limit) return null
      return await content(found, path, limit)
    },
  }
}
