// Layout + one real disk -> byte ranges and the partition table. Pure: the same seed gives the same GUIDs, so planning
// twice gives the same plan.
import { alignDown, alignUp, MIB } from '#base/bytes.ts'
import { type Finding, finding } from '#base/errors.ts'
import { seededGuid } from '#base/guid.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { usableSectors } from '#format/gpt.ts'
import type { Layout, PartitionSpec, PlacedPartition } from '#model/layout.ts'
import { checkLayout, leastBytes } from '#model/layout-rules.ts'
import { type PartitionTable, TYPE_GUID } from '#model/partition-table.ts'

export interface ResolvedLayout {
  readonly placed: readonly PlacedPartition[]
  readonly diskGuid: string
  readonly table: PartitionTable
}

/** Partitions start at multiples of this, and end there. */
const ALIGNMENT = MIB

/**
 * The least bytes in which a FAT32 volume has the 65525 clusters that make it FAT32 (Microsoft fatgen103): one sector
 * per cluster, two FATs, 32 reserved sectors. About 34 MB with 512-byte sectors, 269 MB with 4096-byte ones.
 */
export function minimumFat32Bytes(sectorSize: number): number {
  const clusters = 65525 + 16
  const fat = Math.ceil(((clusters + 2) * 4) / sectorSize)
  return alignUp((32 + 2 * fat + clusters) * sectorSize, MIB)
}

/** Sectors behind the last partition that belong to the backup table. */
const backupBytes = (sectorSize: number): number => {
  const { last } = usableSectors(1_000_000, sectorSize)
  return (1_000_000 - 1 - last) * sectorSize
}

const leastSize = (part: PartitionSpec): number =>
  part.size === 'rest' ? (part.minimum ?? Math.max(leastBytes(part), 64 * MIB)) : part.size

/** The smallest disk that the layout fits on, bytes. */
export const minimumDiskSize = (layout: Layout, sectorSize = 512): number =>
  layout.partitions.reduce((sum, part) => sum + alignUp(leastSize(part), ALIGNMENT), ALIGNMENT) +
  backupBytes(sectorSize)

/** Rules that depend on the sectors of the disk. */
function checkSectors(layout: Layout, sectorSize: number): Finding[] {
  if (sectorSize !== 512 && sectorSize !== 4096) return [finding('disk.sector-size', { found: sectorSize })]
  return layout.partitions.flatMap((part, index) => {
    const [found, needed] = [leastSize(part), minimumFat32Bytes(sectorSize)]
    if (part.filesystem !== 'fat32' || found >= needed) return []
    const where = `partition ${index + 1} "${part.name}"`
    return [
      finding('layout.size-too-small', { where, use: `FAT32 with sectors of ${sectorSize} bytes`, found, needed }),
    ]
  })
}

const typeOf = (part: PartitionSpec): string => {
  if (part.role === 'esp') return TYPE_GUID.esp
  return part.encryption === undefined ? TYPE_GUID.linux : TYPE_GUID.luks
}

/**
 * Places every partition: starts at multiples of 1 MiB, sizes rounded up to 1 MiB (never less than asked), `rest` ends
 * before the backup table. Refusals: all of checkLayout, `layout.size-too-small`, `layout.disk-too-small`,
 * `disk.sector-size`.
 * @param disk its size in bytes and the logical sector size
 * @param seed gives all GUIDs
 */
export function resolveLayout(
  layout: Layout,
  disk: { readonly size: number; readonly sectorSize: number },
  seed: string,
): Result<ResolvedLayout> {
  const { sectorSize } = disk
  const wrong = [...checkLayout(layout), ...checkSectors(layout, sectorSize)]
  if (wrong.length > 0) return refuse(...wrong)
  const needed = minimumDiskSize(layout, sectorSize)
  if (disk.size < needed)
    return refuse(finding('layout.disk-too-small', { layout: layout.name, needed, found: disk.size }))

  const sectors = Math.floor(disk.size / sectorSize)
  const end = sectors * sectorSize - backupBytes(sectorSize)
  let offset = ALIGNMENT
  const placed = layout.partitions.map((part, index): PlacedPartition => {
    const number = index + 1
    const size = part.size === 'rest' ? alignDown(end - offset, ALIGNMENT) : alignUp(part.size, ALIGNMENT)
    const uniqueGuid = seededGuid(seed, `partition ${number}`)
    const place = { ...part, number, offset, size, typeGuid: typeOf(part), uniqueGuid }
    offset += size
    return place
  })
  const diskGuid = seededGuid(seed, 'disk')
  const entries = placed.map((part) => ({
    number: part.number,
    typeGuid: part.typeGuid,
    uniqueGuid: part.uniqueGuid,
    firstLba: part.offset / sectorSize,
    lastLba: (part.offset + part.size) / sectorSize - 1,
    attributes: '0',
    name: part.name,
  }))
  return ok({ placed, diskGuid, table: { diskGuid, sectorSize, sectors, entries } })
}
