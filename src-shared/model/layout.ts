// Layouts as data: what we want on a disk. resolveLayout (plan/layout.ts) turns one into byte ranges of a real disk.

export type PartitionRole = 'esp' | 'slot-a' | 'slot-b' | 'config' | 'data' | 'media' | 'logs' | 'cache'
export type FilesystemKind = 'fat32' | 'ext4' | 'xfs' | 'none'

export interface PartitionSpec {
  readonly role: PartitionRole
  /** GPT partition name, at most 36 UTF-16 units. */
  readonly name: string
  /** Bytes, or what remains (only one partition, the last). */
  readonly size: number | 'rest'
  /** Smallest useful size of a `rest` partition, bytes. */
  readonly minimum?: number
  readonly filesystem: FilesystemKind
  /** File system label; FAT at most 11, xfs 12, ext4 16 bytes. */
  readonly label?: string
  /** Where the appliance mounts it. */
  readonly mount?: string
  readonly encryption?: 'luks2'
}

export interface Layout {
  readonly name: string
  readonly description: string
  /** The only product that its disks are for; any when absent. */
  readonly product?: string
  /** DMI product names of the machines that its disks are for; any when absent. */
  readonly hardware?: readonly string[]
  readonly partitions: readonly PartitionSpec[]
}

/** A partition with its place on one real disk. */
export interface PlacedPartition extends Omit<PartitionSpec, 'size'> {
  /** 1-based, as in the partition table. */
  readonly number: number
  /** Bytes from the start of the disk; a multiple of 1 MiB. */
  readonly offset: number
  /** Bytes; a multiple of the sector size. */
  readonly size: number
  readonly typeGuid: string
  readonly uniqueGuid: string
}
