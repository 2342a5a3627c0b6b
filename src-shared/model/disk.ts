// A storage device as facts. Names such as /dev/sda are only how to open it, never who it is.

export type Bus = 'ata' | 'nvme' | 'usb' | 'mmc' | 'scsi' | 'virtio' | 'loop' | 'file' | 'memory' | 'unknown'

/** Who a disk is: what must be the same at the confirmation and right before the first write. */
export interface DiskIdentity {
  /** Serial number as the device reports it, white space trimmed; null when it reports none. */
  readonly serial: string | null
  /** World-wide name (NAA, EUI-64 or NGUID; for eMMC and SD the CID); null when it reports none. */
  readonly wwn: string | null
  /** Bytes. */
  readonly size: number
  /** Where it is attached, stable while it stays plugged in (udev's ID_PATH form, or `file:<device>:<inode>`). */
  readonly busPath: string
}

/** One row of the inventory. */
export interface DiskInfo {
  /** What to open: `/dev/sdb` or a file's path. */
  readonly path: string
  readonly identity: DiskIdentity
  readonly bus: Bus
  readonly vendor: string | null
  readonly model: string | null
  /** Logical sector size in bytes: 512 or 4096. */
  readonly sectorSize: number
  readonly removable: boolean
  readonly readOnly: boolean
  /** Backs a mounted `/`, `/boot`, `/usr` or active swap, through whatever layers (LUKS, LVM, RAID, loop). */
  readonly system: boolean
  /** Where any part of it is mounted. */
  readonly mounts: readonly string[]
  /** Other users of it: `swap`, `dm`, `md`, `loop` holders, by name. */
  readonly holders: readonly string[]
}

/** Kernel node of partition `number`: sda2, nvme0n1p2, mmcblk0p2 (a `p` when the disk's name ends in a digit). */
export const partitionNode = (diskPath: string, number: number): string =>
  /\d$/.test(diskPath) ? `${diskPath}p${number}` : `${diskPath}${number}`

export const sameIdentity = (a: DiskIdentity, b: DiskIdentity): boolean =>
  a.serial === b.serial && a.wwn === b.wwn && a.size === b.size && a.busPath === b.busPath
