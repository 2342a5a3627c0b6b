// The superblock of a squashfs 4.0 image, and whether the tables that it names can be where it says.
// Follows the Linux kernel's fs/squashfs/squashfs_fs.h (layout only).
import { viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'

export type SquashfsCompression = 'gzip' | 'lzma' | 'lzo' | 'xz' | 'lz4' | 'zstd'

/** Unpacks one metadata block of at most `limit` bytes; rejects whatever is malformed or larger. */
export type Decompress = (packed: Uint8Array, limit: number) => Promise<Uint8Array>
export type Decompressors = Readonly<Partial<Record<SquashfsCompression, Decompress>>>
export type ReadImage = (offset: number, target: Uint8Array) => Promise<void>

export interface Superblock {
  readonly compression: SquashfsCompression
  /** Bytes of the image that are in use. */
  readonly bytesUsed: number
  readonly blockSize: number
  readonly rootBlock: number
  readonly rootOffset: number
  readonly inodeTable: number
  readonly directoryTable: number
  /** First byte behind the directory table. */
  readonly directoryEnd: number
  /** Tables behind it that have an index of pointers to their metadata blocks. */
  readonly indexed: readonly { readonly name: string; readonly start: number; readonly pointers: number }[]
  /** Place and number of entries of the fragment table. */
  readonly fragmentTable: number
  readonly fragments: number
}

export const SUPERBLOCK_SIZE = 96
const MAGIC = 0x73717368
export const METADATA_BLOCK = 8192
const COMPRESSIONS: readonly (SquashfsCompression | undefined)[] = [
  undefined,
  'gzip',
  'lzma',
  'lzo',
  'xz',
  'lz4',
  'zstd',
]

const damaged = (what: string, found: number | string, expected: number | string) =>
  new EngineError('image.damaged', { what, found, expected })

/**
 * Decodes the first 96 bytes; null when they are not squashfs. `size` is what is there, bytes.
 * Throws `image.damaged`, `image.truncated`.
 */
export function decodeSuperblock(bytes: Uint8Array, size: number): Superblock | null {
  const view = viewOf(bytes)
  if (view.getUint32(0, true) !== MAGIC) return null
  const big = (at: number) => Number(view.getBigUint64(at, true))
  const version = `${view.getUint16(28, true)}.${view.getUint16(30, true)}`
  if (version !== '4.0') throw damaged('the version', version, '4.0')
  const compression = COMPRESSIONS[view.getUint16(20, true)]
  if (!compression) throw damaged('the compression number', view.getUint16(20, true), '1 to 6')
  const blockSize = view.getUint32(12, true)
  const log = view.getUint16(22, true)
  if (log < 12 || log > 20 || blockSize !== 2 ** log) throw damaged('the block size', blockSize, '4096 to 1048576')
  const bytesUsed = big(40)
  if (bytesUsed < SUPERBLOCK_SIZE || !Number.isSafeInteger(bytesUsed))
    throw damaged('the number of bytes used', bytesUsed, `${SUPERBLOCK_SIZE} or more`)
  if (bytesUsed > size) throw new EngineError('image.truncated', { expected: bytesUsed, found: size })
  const inodeTable = big(64)
  const directoryTable = big(72)
  if (!(inodeTable >= SUPERBLOCK_SIZE && inodeTable < directoryTable && directoryTable < bytesUsed))
    throw damaged('the place of the inode table', inodeTable, `before ${directoryTable}, both within ${bytesUsed}`)
  const { directoryEnd, indexed } = checkTables(view, directoryTable, bytesUsed)
  const root = view.getBigUint64(32, true)
  return {
    compression,
    bytesUsed,
    blockSize,
    rootBlock: Number(root >> 16n),
    rootOffset: Number(root & 0xffffn),
    inodeTable,
    directoryTable,
    directoryEnd,
    indexed,
    fragmentTable: big(80),
    fragments: view.getUint32(16, true),
  }
}

const NONE = 2n ** 64n - 1n

/**
 * The tables behind the directories lie in the order of the format, each with room for its index (one pointer of 8 bytes a
 * block of 8 KiB). GRUB finds file contents through the fragment table, so a wrong place there is a slot that does not boot.
 * Throws `image.damaged`.
 */
function checkTables(
  view: DataView,
  directoryTable: number,
  bytesUsed: number,
): Pick<Superblock, 'directoryEnd' | 'indexed'> {
  const fragments = view.getUint32(16, true)
  const ids = view.getUint16(26, true)
  if (ids === 0) throw damaged('the number of owners', ids, '1 or more')
  const index = (entries: number, size: number) => Math.ceil((entries * size) / METADATA_BLOCK) * 8
  const tables = [
    { name: 'fragment', at: 80, needed: fragments > 0, room: index(fragments, 16) },
    { name: 'export', at: 88, needed: false, room: index(view.getUint32(4, true), 8) },
    { name: 'owner', at: 48, needed: true, room: index(ids, 4) },
    // A head of another form.
    { name: 'attribute', at: 56, needed: false, room: 16 },
  ]
  const indexed: { name: string; start: number; pointers: number }[] = []
  let end = directoryTable
  let first: number | null = null
  for (const { name, at, needed, room } of tables) {
    const place = view.getBigUint64(at, true)
    if (place === NONE && !needed) continue
    const start = Number(place)
    if (place === NONE || start <= end || start + room > bytesUsed)
      throw damaged(`the place of the ${name} table`, String(place), `behind ${end}, within ${bytesUsed}`)
    first ??= start
    end = start + room - 1
    if (name !== 'attribute' && room > 0) indexed.push({ name, start, pointers: room / 8 })
  }
  return { directoryEnd: first ?? bytesUsed, indexed }
}

/** The first and the last pointer of each index lead to metadata blocks, the last of which ends where the index begins. Throws `image.damaged`. */
export async function checkIndexes(read: ReadImage, superblock: Superblock): Promise<void> {
  const number = async (at: number, length: 2 | 8): Promise<number> => {
    const bytes = new Uint8Array(length)
    await read(at, bytes)
    return length === 2 ? viewOf(bytes).getUint16(0, true) : Number(viewOf(bytes).getBigUint64(0, true))
  }
  for (const { name, start, pointers } of superblock.indexed) {
    const first = await number(start, 8)
    const last = await number(start + (pointers - 1) * 8, 8)
    const what = `the index of the ${name} table`
    if (!(first >= superblock.directoryTable && first <= last && last + 2 < start))
      throw damaged(what, `${first} to ${last}`, `blocks between ${superblock.directoryTable} and ${start}`)
    const end = last + 2 + ((await number(last, 2)) & 0x7fff)
    if (end !== start) throw damaged(what, `a last block that ends at ${end}`, `one that ends at ${start}`)
  }
}
