// Reads and changes files of an existing FAT32 volume on a disk, without mounting it. Every number on the disk is
// distrusted: bounded reads, no loops, no wild clusters. Changes are in change.ts. One user at a time.
import { EngineError } from '#base/errors.ts'
import { openChanges } from './change.ts'
import type { OpenDirectory, VolumeCore } from './core.ts'
import {
  ATTR_READ_ONLY,
  type DirectoryRecord,
  ENTRY,
  findRecord,
  isDirectory,
  MAX_ENTRIES,
  scanDirectory,
} from './directory.ts'
import { clusterOffset, decodeGeometry, type FatGeometry, isDataCluster } from './geometry.ts'
import { splitPath } from './names.ts'
import { type FatDevice, openTable } from './table.ts'

export interface FatEntry {
  /** From the root, separated by `/`, without a leading one. */
  readonly path: string
  readonly name: string
  readonly kind: 'file' | 'directory'
  /** Bytes; 0 for directories. */
  readonly size: number
  readonly readOnly: boolean
}

export interface ByteRange {
  /** Bytes from the start of the device. */
  readonly offset: number
  readonly length: number
}

export interface FatVolume {
  readonly geometry: FatGeometry
  /** The label in the root directory; null when there is none. */
  label(): Promise<string | null>
  freeBytes(): Promise<number>
  /** What is in a directory (the root when absent). Throws `fat.not-found`, `fat.wrong-kind`, `fat.damaged`. */
  list(path?: string, options?: { recursive?: boolean }): Promise<FatEntry[]>
  /** null when there is no such file or directory. Names are compared without regard to case. */
  stat(path: string): Promise<FatEntry | null>
  /** A file's bytes; more than `maxBytes` (default 64 MiB) throws `fat.file-too-large`. */
  read(path: string, options?: { maxBytes?: number }): Promise<Uint8Array>
  /** Where a file's bytes lie on the device, in file order, adjoining ranges joined. */
  extentsOf(path: string): Promise<ByteRange[]>
  /** Replaces the bytes by as many others, then flushes. No table or directory is touched. `fat.length-differs`. */
  overwriteInPlace(path: string, bytes: Uint8Array): Promise<void>
  /**
   * Creates or replaces a file; parent directories are made. After a power cut at any moment the old file (or none)
   * or the new one is there, whole. `time` (default 1980-01-01) becomes its date.
   * Throws `fat.full`, `fat.bad-name`, `fat.wrong-kind`, `fat.directory-full`, `fat.file-too-large`.
   */
  put(path: string, bytes: Uint8Array, time?: Date): Promise<void>
  /** Removes a file or an empty directory. Throws `fat.not-found`, `fat.not-empty`. */
  remove(path: string): Promise<void>
}

const MAX_DIRECTORY = MAX_ENTRIES * ENTRY
const MAX_LISTED = 100_000

const entryOf = (record: DirectoryRecord, parent: string): FatEntry => ({
  path: parent ? `${parent}/${record.name}` : record.name,
  name: record.name,
  kind: isDirectory(record) ? 'directory' : 'file',
  size: isDirectory(record) ? 0 : record.size,
  readOnly: (record.attributes & ATTR_READ_ONLY) !== 0,
})

/**
 * Opens the FAT32 volume in `size` bytes at `offset` of a device.
 * Throws `fat.not-fat32`, and what the device throws.
 */
export async function openFat(device: FatDevice, offset: number, size: number): Promise<FatVolume> {
  if (size < 512)
    throw new EngineError('fat.not-fat32', { offset, what: 'its size', found: size, expected: '512 or more' })
  const boot = new Uint8Array(512)
  await device.read(offset, boot)
  const g = decodeGeometry(boot, size, offset)
  const table = openTable(device, offset, g)
  const at = (cluster: number) => offset + clusterOffset(g, cluster)

  async function readDirectory(first: number, path: string): Promise<OpenDirectory> {
    const clusters = await table.chain(first, Math.ceil(MAX_DIRECTORY / g.clusterSize))
    const bytes = new Uint8Array(clusters.length * g.clusterSize)
    for (const [i, cluster] of clusters.entries())
      await device.read(at(cluster), bytes.subarray(i * g.clusterSize, (i + 1) * g.clusterSize))
    return { ...scanDirectory(bytes), clusters, bytes, path }
  }

  async function openDirectory(record: DirectoryRecord, path: string): Promise<OpenDirectory> {
    if (!isDirectory(record)) throw new EngineError('fat.wrong-kind', { path, found: 'file', expected: 'directory' })
    if (!isDataCluster(g, record.cluster) || record.cluster === g.rootCluster)
      throw new EngineError('fat.damaged', {
        what: `the first cluster of ${path}`,
        found: record.cluster,
        expected: `2 to ${g.clusters + 1}, not the root`,
      })
    return readDirectory(record.cluster, path)
  }

  async function fileClusters(record: DirectoryRecord, path: string): Promise<number[]> {
    if (isDirectory(record)) throw new EngineError('fat.wrong-kind', { path, found: 'directory', expected: 'file' })
    const needed = Math.ceil(record.size / g.clusterSize)
    if (needed === 0 && record.cluster === 0) return []
    const clusters = await table.chain(record.cluster, g.clusters)
    if (clusters.length < needed)
      throw new EngineError('fat.damaged', {
        what: `the number of clusters of ${path}`,
        found: clusters.length,
        expected: needed,
      })
    return clusters
  }

  const root = () => readDirectory(g.rootCluster, '')

  async function lookUp(path: string): Promise<DirectoryRecord | null> {
    const parts = splitPath(path)
    let directory = await root()
    for (const [depth, part] of parts.entries()) {
      const record = findRecord(directory, part)
      if (!record || depth === parts.length - 1) return record
      directory = await openDirectory(record, parts.slice(0, depth + 1).join('/'))
    }
    return null
  }

  async function mustFind(path: string): Promise<DirectoryRecord> {
    const record = await lookUp(path)
    if (!record) throw new EngineError('fat.not-found', { path })
    return record
  }

  async function list(path = '', { recursive = false } = {}): Promise<FatEntry[]> {
    const parts = splitPath(path)
    const start = parts.length === 0 ? await root() : await openDirectory(await mustFind(path), parts.join('/'))
    const found: FatEntry[] = []
    const seen = new Set([start.clusters[0]])
    const visit = async (directory: OpenDirectory): Promise<void> => {
      for (const record of directory.records) {
        const entry = entryOf(record, directory.path)
        found.push(entry)
        if (found.length > MAX_LISTED || entry.path.length > 4096)
          throw new EngineError('fat.damaged', { what: 'the directory tree', found: 'endless', expected: 'an end' })
        if (!recursive || entry.kind === 'file') continue
        const child = await openDirectory(record, entry.path)
        if (seen.has(child.clusters[0]))
          throw new EngineError('fat.damaged', { what: entry.path, found: 'listed twice', expected: 'one parent' })
        seen.add(child.clusters[0])
        await visit(child)
      }
    }
    await visit(start)
    return found
  }

  async function extentsOf(path: string): Promise<ByteRange[]> {
    const record = await mustFind(path)
    const ranges: { offset: number; length: number }[] = []
    let left = record.size
    for (const cluster of await fileClusters(record, path)) {
      const length = Math.min(left, g.clusterSize)
      if (length === 0) break
      const last = ranges.at(-1)
      if (last && last.offset + last.length === at(cluster)) last.length += length
      else ranges.push({ offset: at(cluster), length })
      left -= length
    }
    return ranges
  }

  async function read(path: string, { maxBytes = 64 * 1024 * 1024 } = {}): Promise<Uint8Array> {
    const record = await mustFind(path)
    if (record.size > maxBytes && !isDirectory(record))
      throw new EngineError('fat.file-too-large', { path, found: record.size, expected: maxBytes })
    const ranges = await extentsOf(path)
    const bytes = new Uint8Array(record.size)
    let done = 0
    for (const range of ranges) {
      await device.read(range.offset, bytes.subarray(done, done + range.length))
      done += range.length
    }
    return bytes
  }

  async function overwriteInPlace(path: string, bytes: Uint8Array): Promise<void> {
    const record = await mustFind(path)
    const ranges = await extentsOf(path)
    if (record.size !== bytes.length)
      throw new EngineError('fat.length-differs', { path, expected: record.size, found: bytes.length })
    let done = 0
    for (const range of ranges) {
      await device.write(range.offset, bytes.subarray(done, done + range.length))
      done += range.length
    }
    await device.flush()
  }

  const core: VolumeCore = { device, base: offset, geometry: g, table, root, openDirectory, fileClusters }
  return {
    geometry: g,
    label: async () => (await root()).label,
    freeBytes: async () => (await table.countFree()) * g.clusterSize,
    list,
    stat: async (path) => {
      const record = await lookUp(path)
      return record && entryOf(record, splitPath(path).slice(0, -1).join('/'))
    },
    read,
    extentsOf,
    overwriteInPlace,
    ...openChanges(core),
  }
}
