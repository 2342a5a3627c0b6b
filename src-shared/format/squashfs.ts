// Looks into a squashfs 4.0 image far enough to find a file: superblock, inode table, directory table. Decompression is
// given by the caller. Everything read is bounded; bad bytes end in `image.*` codes.
// Follows the Linux kernel's Documentation/filesystems/squashfs.rst and fs/squashfs/squashfs_fs.h (layout only).
import { fromUtf8, viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { type FileData, readContent } from './squashfs-content.ts'
import { type Decompressors, METADATA_BLOCK, type ReadImage, type Superblock } from './squashfs-superblock.ts'

export interface SquashfsEntry {
  readonly type: 'file' | 'directory' | 'other'
  /** Bytes of a file; 0 for others. */
  readonly size: number
}

export interface Squashfs {
  readonly superblock: Superblock
  /** What a path leads to, symbolic links followed; null when nothing is there. Throws `image.damaged`. */
  lookup(path: string): Promise<SquashfsEntry | null>
  /** Content of a file of at most `limit` bytes; null when there is none, or a larger one. Throws `image.damaged`. */
  readFile(path: string, limit: number): Promise<Uint8Array | null>
}

const MAX_LISTING = 16 * 1024 * 1024
const MAX_LINKS = 8

const damaged = (what: string, found: number | string, expected: number | string) =>
  new EngineError('image.damaged', { what, found, expected })

interface Inode {
  readonly type: SquashfsEntry['type'] | 'link'
  readonly size: number
  /** Directory: block (from the start of the directory table) and offset of its listing. */
  readonly block: number
  readonly offset: number
  readonly target: string
  readonly data: FileData | null
}

interface Listed {
  readonly name: string
  readonly block: number
  readonly offset: number
}

/** Opens an image whose superblock was decoded. Throws `image.compression-unreadable` without a decompressor. */
export function openSquashfs(read: ReadImage, superblock: Superblock, decompressors: Decompressors): Squashfs {
  const decompress = decompressors[superblock.compression]
  if (!decompress) {
    const expected = Object.keys(decompressors).join(', ')
    throw new EngineError('image.compression-unreadable', { found: superblock.compression, expected })
  }
  const blocks = new Map<number, { bytes: Uint8Array; next: number }>()

  async function metadataBlock(at: number, end: number): Promise<{ bytes: Uint8Array; next: number }> {
    const known = blocks.get(at)
    if (known) return known
    if (at + 2 > end) throw damaged('the place of a metadata block', at, `before ${end}`)
    const head = new Uint8Array(2)
    await read(at, head)
    const header = viewOf(head).getUint16(0, true)
    const length = header & 0x7fff
    const next = at + 2 + length
    if (length === 0 || length > METADATA_BLOCK || next > end)
      throw damaged(
        `the length of the metadata block at ${at}`,
        length,
        `1 to ${Math.min(METADATA_BLOCK, end - at - 2)}`,
      )
    const packed = new Uint8Array(length)
    await read(at + 2, packed)
    const bytes = header & 0x8000 ? packed : await unpack(packed, at)
    if (blocks.size >= 256) blocks.clear()
    blocks.set(at, { bytes, next })
    return { bytes, next }
  }

  async function unpack(packed: Uint8Array, at: number): Promise<Uint8Array> {
    let bytes: Uint8Array
    try {
      bytes = await decompress!(packed, METADATA_BLOCK)
    } catch (cause) {
      const details = { what: `the metadata block at ${at}`, found: 'not readable', expected: superblock.compression }
      throw new EngineError('image.damaged', details, { cause })
    }
    if (bytes.length === 0 || bytes.length > METADATA_BLOCK)
      throw damaged(`the unpacked length of the metadata block at ${at}`, bytes.length, `1 to ${METADATA_BLOCK}`)
    return bytes
  }

  /** `length` bytes of a table, from `offset` of the unpacked block at `at`, running on through the next blocks. */
  async function gather(at: number, offset: number, length: number, end: number): Promise<Uint8Array> {
    const result = new Uint8Array(length)
    let done = 0
    while (done < length) {
      const { bytes, next } = await metadataBlock(at, end)
      if (done === 0 && offset >= bytes.length)
        throw damaged(`an offset in the metadata block at ${at}`, offset, `below ${bytes.length}`)
      const part = bytes.subarray(done === 0 ? offset : 0).subarray(0, length - done)
      result.set(part, done)
      done += part.length
      at = next
    }
    return result
  }

  async function inode(block: number, offset: number): Promise<Inode> {
    const at = superblock.inodeTable + block
    const end = superblock.directoryTable
    if (at >= end) throw damaged('the place of an inode', at, `before ${end}`)
    const get = async (length: number) => viewOf(await gather(at, offset, length, end))
    const type = (await get(2)).getUint16(0, true)
    const nothing = { size: 0, block: 0, offset: 0, target: '', data: null }
    if (type === 1) {
      const view = await get(32)
      const place = { block: view.getUint32(16, true), offset: view.getUint16(26, true) }
      return { ...nothing, ...place, type: 'directory', size: view.getUint16(24, true) }
    }
    if (type === 8) {
      const view = await get(40)
      const place = { block: view.getUint32(24, true), offset: view.getUint16(34, true) }
      return { ...nothing, ...place, type: 'directory', size: view.getUint32(20, true) }
    }
    if (type === 2) {
      const view = await get(32)
      const [start, fragment, fragmentOffset] = [16, 20, 24].map((place) => view.getUint32(place, true))
      const data = { start, fragment, fragmentOffset, sizes: 32, inode: { at, offset } }
      return { ...nothing, type: 'file', size: view.getUint32(28, true), data }
    }
    if (type === 9) {
      const view = await get(56)
      const [fragment, fragmentOffset] = [44, 48].map((place) => view.getUint32(place, true))
      const data = {
        start: Number(view.getBigUint64(16, true)),
        fragment,
        fragmentOffset,
        sizes: 56,
        inode: { at, offset },
      }
      return { ...nothing, type: 'file', size: Number(view.getBigUint64(24, true)), data }
    }
    if (type === 3 || type === 10) {
      const length = (await get(24)).getUint32(20, true)
      if (length === 0 || length > 4096) throw damaged('the length of a symbolic link', length, '1 to 4096')
      const bytes = await gather(at, offset, 24 + length, end)
      return { ...nothing, type: 'link', target: fromUtf8(bytes.subarray(24)) ?? '' }
    }
    if (type >= 1 && type <= 14) return { ...nothing, type: 'other' }
    throw damaged('the type of an inode', type, '1 to 14')
  }

  async function find(directory: Inode, name: string): Promise<Listed | null> {
    // The size counts 3 for "." and "..", which are not stored.
    const length = directory.size - 3
    if (length <= 0) return null
    if (length > MAX_LISTING) throw damaged('the length of a directory', length, `up to ${MAX_LISTING}`)
    const at = superblock.directoryTable + directory.block
    const bytes = await gather(at, directory.offset, length, superblock.directoryEnd)
    const view = viewOf(bytes)
    let place = 0
    const must = (count: number) => {
      if (place + count > length) throw damaged('a directory entry', 'cut off', `${count} bytes`)
    }
    while (place < length) {
      must(12)
      const count = view.getUint32(place, true) + 1
      const block = view.getUint32(place + 4, true)
      if (count > 256) throw damaged('the number of entries of a directory header', count, '1 to 256')
      place += 12
      for (let i = 0; i < count; i++) {
        must(8)
        const offset = view.getUint16(place, true)
        const nameLength = view.getUint16(place + 6, true) + 1
        place += 8
        must(nameLength)
        if (fromUtf8(bytes.subarray(place, place + nameLength)) === name) return { name, block, offset }
        place += nameLength
      }
    }
    return null
  }

  async function resolve(path: string): Promise<Inode | null> {
    const root = { block: superblock.rootBlock, offset: superblock.rootOffset }
    // The chain of directories from the root, so that ".." in links works.
    let trail = [root]
    const todo = path.split('/').filter(Boolean)
    let links = 0
    let here = await inode(root.block, root.offset)
    while (todo.length > 0) {
      const part = todo.shift()
      if (part === undefined || part === '.') continue
      if (here.type !== 'directory') return null
      if (part === '..') {
        if (trail.length > 1) trail.pop()
        here = await inode(trail[trail.length - 1].block, trail[trail.length - 1].offset)
        continue
      }
      const listed = await find(here, part)
      if (!listed) return null
      const next = await inode(listed.block, listed.offset)
      if (next.type !== 'link') {
        trail.push(listed)
        here = next
        continue
      }
      if (++links > MAX_LINKS) throw damaged(`the number of symbolic links in ${path}`, links, `up to ${MAX_LINKS}`)
      todo.unshift(...next.target.split('/').filter(Boolean))
      if (next.target.startsWith('/')) {
        trail = [root]
        here = await inode(root.block, root.offset)
      }
    }
    return here.type === 'link' ? null : here
  }

  async function lookup(path: string): Promise<SquashfsEntry | null> {
    const found = await resolve(path)
    if (!found || found.type === 'link') return null
    return { type: found.type, size: found.type === 'file' ? found.size : 0 }
  }

  async function readFile(path: string, limit: number): Promise<Uint8Array | null> {
    const found = await resolve(path)
    if (!found?.data || found.size > limit) return null
    return await readContent(
      { path, size: found.size, data: found.data },
      { read, superblock, unpack: decompress!, gather },
    )
  }

  return { superblock, lookup, readFile }
}
