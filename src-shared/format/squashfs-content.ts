// The content of one file of a squashfs image: its blocks, and the part of it that lies in a fragment. Everything read is
// bounded by the caller's limit and by the superblock; bad bytes end in `image.damaged`.
import { viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { type Decompress, type ReadImage, SUPERBLOCK_SIZE, type Superblock } from './squashfs-superblock.ts'

/** Where a file's bytes are. */
export interface FileData {
  readonly start: number
  /** Index of the fragment that holds the last part; all ones for none. */
  readonly fragment: number
  readonly fragmentOffset: number
  /** The sizes of its blocks begin here, counted from the inode. */
  readonly sizes: number
  readonly inode: { readonly at: number; readonly offset: number }
}

export interface ContentTools {
  readonly read: ReadImage
  readonly superblock: Superblock
  readonly unpack: Decompress
  /** `length` bytes of a table of metadata blocks. */
  gather(at: number, offset: number, length: number, end: number): Promise<Uint8Array>
}

interface Wanted {
  readonly path: string
  /** Bytes; the caller has compared it with its limit. */
  readonly size: number
  readonly data: FileData
}

const NO_FRAGMENT = 0xffffffff
const damaged = (what: string, found: number | string, expected: number | string, cause?: unknown) =>
  new EngineError('image.damaged', { what, found, expected }, cause === undefined ? undefined : { cause })

/** @throws EngineError `image.damaged`, and what `read` throws */
export async function readContent({ path, size, data }: Wanted, tools: ContentTools): Promise<Uint8Array> {
  const { blockSize, directoryTable } = tools.superblock
  const inFragment = data.fragment === NO_FRAGMENT ? 0 : size % blockSize
  const count = Math.ceil((size - inFragment) / blockSize)
  const { at, offset } = data.inode
  const inode = viewOf(await tools.gather(at, offset, data.sizes + 4 * count, directoryTable))
  const result = new Uint8Array(size)
  const put = (bytes: Uint8Array, from: number, length: number) => {
    if (bytes.length < length) throw damaged(`the length of a block of ${path}`, bytes.length, length)
    result.set(bytes.subarray(0, length), from)
  }
  let stored = data.start
  for (let index = 0; index < count; index++) {
    const word = inode.getUint32(data.sizes + 4 * index, true)
    const length = Math.min(blockSize, size - inFragment - index * blockSize)
    put(await dataBlock(stored, word, length, tools), index * blockSize, length)
    stored += word & 0xffffff
  }
  if (inFragment > 0)
    put((await fragment(data.fragment, tools)).subarray(data.fragmentOffset), size - inFragment, inFragment)
  return result
}

/** One block of data, as it is stored: the size has bit 24 where it is not packed; 0 stands for zeroes. */
async function dataBlock(at: number, size: number, length: number, tools: ContentTools): Promise<Uint8Array> {
  const { read, unpack, superblock } = tools
  const stored = size & 0xffffff
  if (stored === 0) return new Uint8Array(length)
  if (stored > superblock.blockSize || !(at >= SUPERBLOCK_SIZE && at + stored <= superblock.bytesUsed))
    throw damaged('the place of a data block', at, `up to ${superblock.bytesUsed}`)
  const packed = new Uint8Array(stored)
  await read(at, packed)
  if (size & 0x1000000) return packed
  try {
    return await unpack(packed, superblock.blockSize)
  } catch (cause) {
    throw damaged(`the data block at ${at}`, 'not readable', superblock.compression, cause)
  }
}

/** 512 entries of 16 bytes in each metadata block of the fragment table. */
async function fragment(index: number, tools: ContentTools): Promise<Uint8Array> {
  const { read, superblock, gather } = tools
  const { fragments, fragmentTable, bytesUsed, blockSize } = superblock
  if (index >= fragments) throw damaged('the number of a fragment', index, `below ${fragments}`)
  const place = fragmentTable + 8 * Math.floor(index / 512)
  if (!(place + 8 <= bytesUsed)) throw damaged('the place of the fragment table', place, 'inside the image')
  const pointer = new Uint8Array(8)
  await read(place, pointer)
  const block = Number(viewOf(pointer).getBigUint64(0, true))
  const entry = viewOf(await gather(block, 16 * (index % 512), 16, bytesUsed))
  return await dataBlock(Number(entry.getBigUint64(0, true)), entry.getUint32(8, true), blockSize, tools)
}
