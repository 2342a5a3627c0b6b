// Builds a whole FAT32 volume as a sparse, deterministic image: same input, same bytes. Nothing is mounted or formatted.
// Written over an old disk, `zeroes` must become zero as well; then no old byte can be taken for a file or a table.
import { alignUp, viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import {
  ATTR_ARCHIVE,
  ATTR_DIRECTORY,
  ATTR_VOLUME,
  ENTRY,
  encodeDots,
  encodeEntry,
  encodeRecord,
  MAX_ENTRIES,
} from './directory.ts'
import { clusterOffset, encodeBootSector, encodeFsInfo, type FatGeometry, fatOffset, planGeometry } from './geometry.ts'
import { encodeLabel, foldName, planShortName, splitPath } from './names.ts'

export interface FatFile {
  /** Separated by `/` or `\`; parent directories are made. */
  readonly path: string
  readonly bytes: Uint8Array
}

export interface Fat32Spec {
  /** Bytes; a multiple of `sectorSize`. */
  readonly size: number
  readonly sectorSize: number
  readonly volumeId: number
  /** At most 11 upper-case characters; none when absent. */
  readonly label?: string
  /** All dates of the volume (UTC fields). */
  readonly time: Date
  readonly files: readonly FatFile[]
  /** Directories to make although they stay empty. */
  readonly directories?: readonly string[]
  /** Bytes from the start of the disk to the volume. */
  readonly partitionOffset: number
}

export interface SparseImage {
  readonly size: number
  /** Ascending, not overlapping, multiples of the sector size, relative to the start of the volume. */
  readonly extents: readonly { readonly offset: number; readonly bytes: Uint8Array }[]
  /** Ranges that must read as zero. Whatever is in neither list is free space: zero in a fresh image, else unimportant. */
  readonly zeroes: readonly { readonly offset: number; readonly length: number }[]
}

interface Node {
  readonly name: string
  /** null: a directory. */
  readonly bytes: Uint8Array | null
  readonly children: Map<string, Node>
  cluster: number
  clusters: number
}

const MAX_FILE = 0xffffffff
const makeNode = (name: string, bytes: Uint8Array | null): Node => ({
  name,
  bytes,
  children: new Map(),
  cluster: 0,
  clusters: 0,
})

function buildTree(spec: Fat32Spec): Node {
  const root = makeNode('', null)
  const descend = (parts: readonly string[], path: string): Node => {
    let node = root
    for (const part of parts) {
      const next = node.children.get(foldName(part)) ?? makeNode(part, null)
      node.children.set(foldName(part), next)
      if (next.bytes) throw new EngineError('fat.wrong-kind', { path, found: 'file', expected: 'directory' })
      node = next
    }
    return node
  }
  for (const path of spec.directories ?? []) descend(splitPath(path), path)
  for (const { path, bytes } of spec.files) {
    const parts = splitPath(path)
    const name = parts.pop()
    if (name === undefined) throw new EngineError('fat.bad-name', { name: path, reason: 'it is empty' })
    if (bytes.length > MAX_FILE)
      throw new EngineError('fat.file-too-large', { path, found: bytes.length, expected: MAX_FILE })
    const parent = descend(parts, path)
    const other = parent.children.get(foldName(name))
    if (other) throw new EngineError('fat.duplicate-name', { path, other: other.name })
    parent.children.set(foldName(name), makeNode(name, bytes))
  }
  return root
}

/** Directories from the root downwards, breadth first. */
function directoriesOf(root: Node): Node[] {
  const all = [root]
  for (let i = 0; i < all.length; i++) for (const child of all[i].children.values()) if (!child.bytes) all.push(child)
  return all
}

interface PlannedEntry {
  readonly node: Node
  readonly short: string
  readonly needsLong: boolean
}

function planEntries(directory: Node): { entries: PlannedEntry[]; records: number } {
  const used = new Set<string>()
  const entries: PlannedEntry[] = []
  let records = 2
  for (const node of directory.children.values()) {
    const { short, needsLong } = planShortName(node.name, used)
    used.add(short)
    entries.push({ node, short, needsLong })
    records += 1 + (needsLong ? Math.ceil(node.name.length / 13) : 0)
  }
  if (records > MAX_ENTRIES)
    throw new EngineError('fat.directory-full', { path: directory.name || '/', found: records, expected: MAX_ENTRIES })
  return { entries, records }
}

function encodeDirectory(
  g: FatGeometry,
  node: Node,
  parent: Node | null,
  entries: readonly PlannedEntry[],
  spec: Fat32Spec,
): Uint8Array {
  const bytes = new Uint8Array(node.clusters * g.clusterSize)
  const when = spec.time
  let at = 0
  const add = (record: Uint8Array) => {
    bytes.set(record, at)
    at += record.length
  }
  // ".." of a directory in the root names cluster 0 (spec 6.5).
  if (parent) add(encodeDots(node.cluster, parent.cluster === g.rootCluster ? 0 : parent.cluster, when))
  else if (spec.label !== undefined)
    add(encodeRecord({ short: encodeLabel(spec.label), attributes: ATTR_VOLUME, cluster: 0, size: 0, when }))
  for (const { node: child, short, needsLong } of entries) {
    const attributes = child.bytes ? ATTR_ARCHIVE : ATTR_DIRECTORY
    const size = child.bytes?.length ?? 0
    add(encodeEntry(child.name, needsLong, { short, attributes, cluster: child.cluster, size, when }))
  }
  return bytes
}

/**
 * The image of a new volume. Every file is contiguous; directories come first.
 * Throws `fat.too-small`, `fat.bad-geometry`, `fat.full`, `fat.bad-name`, `fat.duplicate-name`, `fat.wrong-kind`,
 * `fat.file-too-large`, `fat.directory-full`.
 */
export function buildFat32(spec: Fat32Spec): SparseImage {
  const g = planGeometry(spec.size, spec.sectorSize)
  const hiddenSectors = spec.partitionOffset / g.sectorSize
  if (!Number.isInteger(hiddenSectors) || hiddenSectors < 0 || hiddenSectors > 0xffffffff)
    throw new EngineError('fat.bad-geometry', {
      what: 'a partition offset in bytes of',
      found: spec.partitionOffset,
      expected: `a multiple of ${g.sectorSize} below ${0x100000000 * g.sectorSize}`,
    })
  const root = buildTree(spec)
  const directories = directoriesOf(root).map((node) => ({ node, ...planEntries(node) }))
  const parents = new Map<Node, Node>()
  for (const { node, entries } of directories) for (const entry of entries) parents.set(entry.node, node)

  let next = g.rootCluster
  const order: Node[] = []
  const allocate = (node: Node, bytes: number) => {
    node.clusters = Math.ceil(bytes / g.clusterSize)
    if (node.clusters === 0) return
    node.cluster = next
    next += node.clusters
    order.push(node)
  }
  for (const { node, records } of directories) allocate(node, records * ENTRY)
  for (const { entries } of directories)
    for (const { node } of entries) if (node.bytes) allocate(node, node.bytes.length)
  if (next > g.clusters + 2)
    throw new EngineError('fat.full', { needed: (next - 2) * g.clusterSize, found: g.clusters * g.clusterSize })

  const extents: { offset: number; bytes: Uint8Array }[] = []
  const zeroes: { offset: number; length: number }[] = []
  const label = spec.label === undefined ? 'NO NAME    ' : encodeLabel(spec.label)
  const reserved = new Uint8Array(g.reservedSectors * g.sectorSize)
  const boot = encodeBootSector(g, spec.volumeId, label, hiddenSectors)
  const info = encodeFsInfo(g.sectorSize, g.clusters - (next - 2), Math.min(next, g.clusters + 1))
  for (const copy of [0, 6]) {
    reserved.set(boot, copy * g.sectorSize)
    reserved.set(info, (copy + 1) * g.sectorSize)
  }
  extents.push({ offset: 0, bytes: reserved })

  const fat = new Uint8Array(alignUp(next * 4, g.sectorSize))
  const table = viewOf(fat)
  table.setUint32(0, 0x0ffffff8, true)
  table.setUint32(4, 0x0fffffff, true)
  for (const { cluster, clusters } of order) {
    const last = cluster + clusters - 1
    for (let i = cluster; i < last; i++) table.setUint32(i * 4, i + 1, true)
    table.setUint32(last * 4, 0x0fffffff, true)
  }
  for (let copy = 0; copy < g.fatCount; copy++) {
    extents.push({ offset: fatOffset(g, copy), bytes: fat })
    const rest = g.fatSectors * g.sectorSize - fat.length
    if (rest > 0) zeroes.push({ offset: fatOffset(g, copy) + fat.length, length: rest })
  }

  const entriesOf = new Map(directories.map(({ node, entries }) => [node, entries]))
  for (const node of order) {
    const offset = clusterOffset(g, node.cluster)
    if (!node.bytes) {
      extents.push({
        offset,
        bytes: encodeDirectory(g, node, parents.get(node) ?? null, entriesOf.get(node) ?? [], spec),
      })
      continue
    }
    // Whole sectors are not copied; the last part is padded to its cluster, so no old byte survives behind the file.
    const whole = node.bytes.length - (node.bytes.length % g.clusterSize)
    if (whole > 0) extents.push({ offset, bytes: node.bytes.subarray(0, whole) })
    if (whole < node.bytes.length) {
      const tail = new Uint8Array(g.clusterSize)
      tail.set(node.bytes.subarray(whole))
      extents.push({ offset: offset + whole, bytes: tail })
    }
  }
  return { size: spec.size, extents, zeroes }
}
