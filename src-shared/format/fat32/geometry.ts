// Where things lie in a FAT32 volume, computed for a new one and decoded, without trust, from an existing one.
// Follows "Microsoft FAT Specification" (2005), sections 3 (BPB), 4 (FAT), 5 (FSInfo).
import { alignUp, viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'

export interface FatGeometry {
  readonly sectorSize: number
  readonly sectorsPerCluster: number
  /** Bytes. */
  readonly clusterSize: number
  readonly reservedSectors: number
  readonly fatCount: number
  /** Sectors of one FAT. */
  readonly fatSectors: number
  readonly totalSectors: number
  /** Data clusters; their numbers are 2 to clusters + 1. */
  readonly clusters: number
  readonly rootCluster: number
  readonly fsInfoSector: number
  /** Index of the only FAT in use, or null when all are copies of each other. */
  readonly activeFat: number | null
}

/** Fewer clusters mean FAT16; the specification asks to stay 16 clusters away from that limit. */
const MIN_CLUSTERS = 65525 + 16
const MAX_CLUSTERS = 0x0ffffff5
const MIB = 1024 * 1024

/** Bytes from the start of the volume. */
export const clusterOffset = (g: FatGeometry, cluster: number): number =>
  (g.reservedSectors + g.fatCount * g.fatSectors + (cluster - 2) * g.sectorsPerCluster) * g.sectorSize
export const fatOffset = (g: FatGeometry, index: number): number =>
  (g.reservedSectors + index * g.fatSectors) * g.sectorSize
export const isDataCluster = (g: FatGeometry, cluster: number): boolean => cluster >= 2 && cluster < g.clusters + 2

/** Cluster size in bytes that Microsoft's table gives for a volume of `size` bytes. */
function preferredClusterSize(size: number): number {
  if (size <= 260 * MIB) return 512
  if (size <= 8 * 1024 * MIB) return 4096
  if (size <= 16 * 1024 * MIB) return 8192
  return size <= 32 * 1024 * MIB ? 16384 : 32768
}

function place(totalSectors: number, sectorSize: number, sectorsPerCluster: number): FatGeometry {
  const data = totalSectors - 32
  // One FAT sector serves sectorSize / 4 clusters; both FATs are paid from the same space (spec 3.5, solved exactly).
  const perFatSector = (sectorSize / 4) * sectorsPerCluster + 2
  const fatSectors = Math.ceil((data + 2 * sectorsPerCluster) / perFatSector)
  // The data area starts on a 4 KiB border, so that clusters do not straddle pages of flash.
  const unit = Math.max(1, 4096 / sectorSize)
  const reservedSectors = alignUp(32 + 2 * fatSectors, unit) - 2 * fatSectors
  const clusters = Math.floor((totalSectors - reservedSectors - 2 * fatSectors) / sectorsPerCluster)
  return {
    sectorSize,
    sectorsPerCluster,
    clusterSize: sectorsPerCluster * sectorSize,
    reservedSectors,
    fatCount: 2,
    fatSectors,
    totalSectors,
    clusters,
    rootCluster: 2,
    fsInfoSector: 1,
    activeFat: null,
  }
}

/** Smallest size in bytes of a FAT32 volume with sectors of `sectorSize` bytes. */
export function minimumFat32Size(sectorSize: number): number {
  let sectors = 32 + MIN_CLUSTERS
  while (place(sectors, sectorSize, 1).clusters < MIN_CLUSTERS) sectors++
  return sectors * sectorSize
}

/**
 * Geometry of a new volume of `size` bytes.
 * Throws `fat.too-small` (with both numbers) and `fat.bad-geometry`.
 */
export function planGeometry(size: number, sectorSize: number): FatGeometry {
  if (sectorSize !== 512 && sectorSize !== 1024 && sectorSize !== 2048 && sectorSize !== 4096)
    throw new EngineError('fat.bad-geometry', { what: 'a sector size of', found: sectorSize, expected: '512 to 4096' })
  const totalSectors = size / sectorSize
  if (!Number.isSafeInteger(totalSectors) || totalSectors > 0xffffffff)
    throw new EngineError('fat.bad-geometry', {
      what: 'a size in bytes of',
      found: size,
      expected: `a multiple of ${sectorSize}, at most ${0xffffffff * sectorSize}`,
    })
  let sectorsPerCluster = Math.max(1, preferredClusterSize(size) / sectorSize)
  while (sectorsPerCluster > 1 && place(totalSectors, sectorSize, sectorsPerCluster).clusters < MIN_CLUSTERS)
    sectorsPerCluster /= 2
  while (sectorsPerCluster < 128 && place(totalSectors, sectorSize, sectorsPerCluster).clusters > MAX_CLUSTERS)
    sectorsPerCluster *= 2
  const needed = minimumFat32Size(sectorSize)
  if (size < needed) throw new EngineError('fat.too-small', { sectorSize, needed, found: size })
  return place(totalSectors, sectorSize, sectorsPerCluster)
}

/**
 * Decodes the first 512 bytes of a volume; every field is checked against `size` (bytes available) before it is used.
 * Throws `fat.not-fat32`. `offset` is only for the message.
 */
export function decodeGeometry(sector: Uint8Array, size: number, offset: number): FatGeometry {
  const view = viewOf(sector)
  const wrong = (what: string, found: number, expected: string) =>
    new EngineError('fat.not-fat32', { offset, what, found, expected })
  const must = (right: boolean, what: string, found: number, expected: string) => {
    if (!right) throw wrong(what, found, expected)
  }
  const powerOfTwo = (value: number) => value > 0 && (value & (value - 1)) === 0

  const signature = view.getUint16(510, true)
  must(signature === 0xaa55, 'the boot signature', signature, '43605')
  const sectorSize = view.getUint16(11, true)
  must(powerOfTwo(sectorSize) && sectorSize >= 512 && sectorSize <= 4096, 'the sector size', sectorSize, '512 to 4096')
  const sectorsPerCluster = sector[13]
  const clusterSize = sectorsPerCluster * sectorSize
  must(powerOfTwo(sectorsPerCluster) && clusterSize <= 256 * 1024, 'the cluster size', clusterSize, 'up to 262144')
  const reservedSectors = view.getUint16(14, true)
  must(reservedSectors >= 2, 'the number of reserved sectors', reservedSectors, '2 or more')
  const fatCount = sector[16]
  must(fatCount === 1 || fatCount === 2, 'the number of FATs', fatCount, '1 or 2')
  const rootEntries = view.getUint16(17, true)
  must(rootEntries === 0, 'the number of root entries', rootEntries, '0')
  must(view.getUint16(22, true) === 0, 'the FAT16 table size', view.getUint16(22, true), '0')
  const totalSectors = view.getUint16(19, true) || view.getUint32(32, true)
  must(
    totalSectors > 0 && totalSectors * sectorSize <= size,
    'the number of sectors',
    totalSectors,
    `up to ${size / sectorSize}`,
  )
  const fatSectors = view.getUint32(36, true)
  const dataSectors = totalSectors - reservedSectors - fatCount * fatSectors
  must(
    fatSectors > 0 && dataSectors >= sectorsPerCluster,
    'the FAT size in sectors',
    fatSectors,
    'less than the volume',
  )
  const clusters = Math.floor(dataSectors / sectorsPerCluster)
  const capacity = (fatSectors * sectorSize) / 4 - 2
  must(clusters <= capacity && clusters <= MAX_CLUSTERS, 'the number of clusters', clusters, `up to ${capacity}`)
  must(view.getUint16(42, true) === 0, 'the file system version', view.getUint16(42, true), '0')
  const rootCluster = view.getUint32(44, true)
  must(rootCluster >= 2 && rootCluster < clusters + 2, 'the root cluster', rootCluster, `2 to ${clusters + 1}`)
  const fsInfoSector = view.getUint16(48, true)
  const flags = view.getUint16(40, true)
  const activeFat = flags & 0x80 ? flags & 0x0f : null
  must(activeFat === null || activeFat < fatCount, 'the active FAT', activeFat ?? 0, `less than ${fatCount}`)
  return {
    sectorSize,
    sectorsPerCluster,
    clusterSize,
    reservedSectors,
    fatCount,
    fatSectors,
    totalSectors,
    clusters,
    rootCluster,
    fsInfoSector: fsInfoSector < reservedSectors ? fsInfoSector : 0,
    activeFat,
  }
}

const ascii = (target: Uint8Array, offset: number, text: string) => {
  for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i)
}

/** The boot sector (one sector). `label` is 11 characters, padded with spaces. */
export function encodeBootSector(g: FatGeometry, volumeId: number, label: string, hiddenSectors: number): Uint8Array {
  const sector = new Uint8Array(g.sectorSize)
  const view = viewOf(sector)
  sector.set([0xeb, 0x58, 0x90])
  ascii(sector, 3, 'MSWIN4.1')
  view.setUint16(11, g.sectorSize, true)
  sector[13] = g.sectorsPerCluster
  view.setUint16(14, g.reservedSectors, true)
  sector[16] = g.fatCount
  sector[21] = 0xf8
  view.setUint16(24, 63, true)
  view.setUint16(26, 255, true)
  view.setUint32(28, hiddenSectors, true)
  view.setUint32(32, g.totalSectors, true)
  view.setUint32(36, g.fatSectors, true)
  view.setUint32(44, g.rootCluster, true)
  view.setUint16(48, g.fsInfoSector, true)
  view.setUint16(50, 6, true)
  sector[64] = 0x80
  sector[66] = 0x29
  view.setUint32(67, volumeId, true)
  ascii(sector, 71, label)
  ascii(sector, 82, 'FAT32   ')
  // Started by an old BIOS, it halts.
  sector.set([0xfa, 0xf4, 0xeb, 0xfd], 90)
  view.setUint16(510, 0xaa55, true)
  return sector
}

const FSINFO_LEAD = 0x41615252
const FSINFO_STRUCT = 0x61417272

export function encodeFsInfo(sectorSize: number, freeClusters: number, nextFree: number): Uint8Array {
  const sector = new Uint8Array(sectorSize)
  const view = viewOf(sector)
  view.setUint32(0, FSINFO_LEAD, true)
  view.setUint32(484, FSINFO_STRUCT, true)
  view.setUint32(488, freeClusters, true)
  view.setUint32(492, nextFree, true)
  view.setUint32(508, 0xaa550000, true)
  return sector
}

/** True when the sector is an FSInfo that may be updated. */
export const isFsInfo = (sector: Uint8Array): boolean =>
  viewOf(sector).getUint32(0, true) === FSINFO_LEAD && viewOf(sector).getUint32(484, true) === FSINFO_STRUCT
