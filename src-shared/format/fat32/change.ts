// Creates, replaces and removes files on a FAT32 volume so that a power cut never loses both the old and the new file.
// Order, a flush after each: (1) contents into free clusters, (2) their chains in the FATs, (3) ONE directory sector that
// makes them visible, (4) old chain freed and the count of free clusters. A cut before (3) leaks clusters, nothing else.
import { viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import type { OpenDirectory, VolumeCore } from './core.ts'
import {
  ATTR_ARCHIVE,
  ATTR_DIRECTORY,
  type DirectoryRecord,
  ENTRY,
  encodeDots,
  encodeEntry,
  encodeRecord,
  findRecord,
  isDirectory,
  MAX_ENTRIES,
} from './directory.ts'
import { clusterOffset, isFsInfo } from './geometry.ts'
import { planShortName, splitPath } from './names.ts'
import { chainEntries } from './table.ts'

const MAX_FILE = 0xffffffff
const EPOCH = new Date(0)

export function openChanges(core: VolumeCore) {
  const { device, base, geometry: g, table } = core
  const perSector = g.sectorSize / ENTRY
  const perCluster = g.clusterSize / ENTRY

  /** Writes `bytes` over `clusters`; what is left of the last one becomes zero. Adjoining clusters go in one write. */
  async function writeClusters(clusters: readonly number[], bytes: Uint8Array): Promise<void> {
    for (let i = 0; i < clusters.length; ) {
      let count = 1
      while (i + count < clusters.length && clusters[i + count] === clusters[i] + count && count * g.clusterSize < 4e6)
        count++
      const part = bytes.subarray(i * g.clusterSize, (i + count) * g.clusterSize)
      let padded = part
      if (part.length < count * g.clusterSize) {
        padded = new Uint8Array(count * g.clusterSize)
        padded.set(part)
      }
      await device.write(base + clusterOffset(g, clusters[i]), padded)
      i += count
    }
  }

  /** Sector `number` of a directory (its clusters extended by `added`). */
  const sectorOffset = (clusters: readonly number[], number: number): number =>
    base +
    clusterOffset(g, clusters[Math.floor(number / g.sectorsPerCluster)]) +
    (number % g.sectorsPerCluster) * g.sectorSize

  /** First index of `count` deleted records within one sector, before the end mark; -1 when there is none. */
  function findDeleted(directory: OpenDirectory, count: number): number {
    let run = 0
    for (let index = 0; index < directory.end; index++) {
      if (index % perSector === 0) run = 0
      run = directory.bytes[index * ENTRY] === 0xe5 ? run + 1 : 0
      if (run === count) return index - count + 1
    }
    return -1
  }

  interface Insertion {
    /** New directory clusters: contents are written with the data, the chain with the FATs. */
    readonly added: readonly number[]
    /** Directory bytes with the records in place (as long as the extended directory). */
    readonly image: Uint8Array
    /** Sectors to write, in this order; the first is what makes the records visible, and is written last. */
    readonly sectors: readonly number[]
    readonly clusters: readonly number[]
  }

  /** Places records in a directory. `take` gives clusters when it must grow. */
  async function planInsertion(
    directory: OpenDirectory,
    records: Uint8Array,
    take: (count: number) => number[],
  ): Promise<Insertion> {
    const count = records.length / ENTRY
    const reused = findDeleted(directory, count)
    const start = reused >= 0 ? reused : directory.end
    const end = start + count
    if (end > MAX_ENTRIES)
      throw new EngineError('fat.directory-full', { path: directory.path || '/', found: end, expected: MAX_ENTRIES })
    const added = take(Math.max(0, Math.ceil(end / perCluster) - directory.clusters.length))
    const clusters = [...directory.clusters, ...added]
    const image = new Uint8Array(clusters.length * g.clusterSize)
    image.set(directory.bytes)
    image.set(records, start * ENTRY)
    // Some systems leave old records behind the end mark: the mark moves with the end.
    if (reused < 0 && end * ENTRY < image.length) image.fill(0, end * ENTRY, (end + 1) * ENTRY)
    const last = reused < 0 && end * ENTRY < image.length ? end : end - 1
    const old = directory.clusters.length * g.sectorsPerCluster
    const sectors: number[] = []
    for (let s = Math.floor(start / perSector); s <= Math.floor(last / perSector); s++) if (s < old) sectors.push(s)
    return { added, image, sectors, clusters }
  }

  /** Makes an insertion visible: link new clusters, then later sectors, then the first one. */
  async function commit(directory: OpenDirectory, insertion: Insertion): Promise<void> {
    if (insertion.added.length > 0) {
      const tail = directory.clusters[directory.clusters.length - 1]
      await table.set(new Map([[tail, insertion.added[0]]]))
      await device.flush()
    }
    for (const sector of insertion.sectors.toReversed()) {
      const bytes = insertion.image.subarray(sector * g.sectorSize, (sector + 1) * g.sectorSize)
      await device.write(sectorOffset(insertion.clusters, sector), bytes)
      await device.flush()
    }
  }

  async function freeChain(clusters: readonly number[]): Promise<void> {
    if (clusters.length > 0) await table.set(new Map(clusters.map((cluster) => [cluster, 0])))
    if (g.fsInfoSector > 0) {
      const sector = new Uint8Array(g.sectorSize)
      const at = base + g.fsInfoSector * g.sectorSize
      await device.read(at, sector)
      if (isFsInfo(sector)) {
        viewOf(sector).setUint32(488, await table.countFree(), true)
        await device.write(at, sector)
      }
    }
    await device.flush()
  }

  async function replace(
    directory: OpenDirectory,
    record: DirectoryRecord,
    path: string,
    bytes: Uint8Array,
    time: Date,
  ): Promise<void> {
    const old = await core.fileClusters(record, path)
    const clusters = await table.findFree(Math.ceil(bytes.length / g.clusterSize))
    await writeClusters(clusters, bytes)
    await device.flush()
    await table.set(chainEntries(clusters))
    await device.flush()
    const { short, attributes } = record
    const fresh = encodeRecord({ short, attributes, cluster: clusters[0] ?? 0, size: bytes.length, when: time })
    const at = record.index * ENTRY
    // Name, flags and the date of creation stay as they are.
    const sectorStart = Math.floor(at / g.sectorSize) * g.sectorSize
    const sector = directory.bytes.slice(sectorStart, sectorStart + g.sectorSize)
    sector.set(fresh.subarray(18), at - sectorStart + 18)
    await device.write(sectorOffset(directory.clusters, sectorStart / g.sectorSize), sector)
    await device.flush()
    await freeChain(old)
  }

  async function create(
    directory: OpenDirectory,
    names: readonly string[],
    bytes: Uint8Array,
    when: Date,
  ): Promise<void> {
    // Names but the last are new directories: a chain of directories with one entry each, invisible until the commit.
    const needs = names.map((_, i) =>
      i < names.length - 1 ? Math.ceil(((5 + Math.ceil(names[i + 1].length / 13)) * ENTRY) / g.clusterSize) : 0,
    )
    const fileClusters = Math.ceil(bytes.length / g.clusterSize)
    const longest = 1 + Math.ceil(names[0].length / 13)
    const growth = Math.max(0, Math.ceil((directory.end + longest) / perCluster) - directory.clusters.length)
    const pool = await table.findFree(fileClusters + growth + needs.reduce((a, b) => a + b, 0))
    const take = (count: number) => pool.splice(0, count)
    const contents = take(fileClusters)
    const places = needs.map((count) => take(count))
    const starts = names.map((_, i) => (i < names.length - 1 ? places[i][0] : (contents[0] ?? 0)))

    const recordsFor = (i: number, used: ReadonlySet<string>): Uint8Array => {
      const { short, needsLong } = planShortName(names[i], used)
      const isFile = i === names.length - 1
      return encodeEntry(names[i], needsLong, {
        short,
        attributes: isFile ? ATTR_ARCHIVE : ATTR_DIRECTORY,
        cluster: starts[i],
        size: isFile ? bytes.length : 0,
        when,
      })
    }
    const insertion = await planInsertion(
      directory,
      recordsFor(0, new Set(directory.records.map((record) => record.short))),
      take,
    )

    await writeClusters(contents, bytes)
    const rootParent = directory.clusters[0] === g.rootCluster ? 0 : directory.clusters[0]
    for (let i = 0; i < names.length - 1; i++) {
      const image = new Uint8Array(places[i].length * g.clusterSize)
      image.set(encodeDots(places[i][0], i === 0 ? rootParent : places[i - 1][0], when))
      image.set(recordsFor(i + 1, new Set()), 2 * ENTRY)
      await writeClusters(places[i], image)
    }
    const oldLength = directory.clusters.length * g.clusterSize
    await writeClusters(insertion.added, insertion.image.subarray(oldLength))
    await device.flush()

    const links = new Map<number, number>()
    for (const clusters of [contents, ...places, insertion.added])
      for (const [cluster, value] of chainEntries(clusters)) links.set(cluster, value)
    await table.set(links)
    await device.flush()
    await commit(directory, insertion)
    await freeChain([])
  }

  async function put(path: string, bytes: Uint8Array, time: Date = EPOCH): Promise<void> {
    const parts = splitPath(path)
    if (parts.length === 0) throw new EngineError('fat.bad-name', { name: path, reason: 'it is empty' })
    if (bytes.length > MAX_FILE)
      throw new EngineError('fat.file-too-large', { path, found: bytes.length, expected: MAX_FILE })
    let directory = await core.root()
    for (const [depth, part] of parts.entries()) {
      const record = findRecord(directory, part)
      if (!record) return create(directory, parts.slice(depth), bytes, time)
      const here = parts.slice(0, depth + 1).join('/')
      if (depth === parts.length - 1) return replace(directory, record, here, bytes, time)
      directory = await core.openDirectory(record, here)
    }
  }

  async function remove(path: string): Promise<void> {
    const parts = splitPath(path)
    let directory = await core.root()
    for (const part of parts.slice(0, -1)) {
      const record = findRecord(directory, part)
      if (!record) throw new EngineError('fat.not-found', { path })
      directory = await core.openDirectory(record, part)
    }
    const record = findRecord(directory, parts.at(-1) ?? '')
    if (!record) throw new EngineError('fat.not-found', { path })
    let clusters: readonly number[]
    if (isDirectory(record)) {
      const inside = await core.openDirectory(record, path)
      if (inside.records.length > 0) throw new EngineError('fat.not-empty', { path, found: inside.records.length })
      clusters = inside.clusters
    } else clusters = await core.fileClusters(record, path)
    const image = directory.bytes.slice()
    for (let index = record.first; index <= record.index; index++) image[index * ENTRY] = 0xe5
    // The 8.3 record goes first: without it the parts of a long name mean nothing.
    const first = Math.floor(record.first / perSector)
    for (let sector = Math.floor(record.index / perSector); sector >= first; sector--) {
      const bytes = image.subarray(sector * g.sectorSize, (sector + 1) * g.sectorSize)
      await device.write(sectorOffset(directory.clusters, sector), bytes)
      await device.flush()
    }
    await freeChain(clusters)
  }

  return { put, remove }
}
