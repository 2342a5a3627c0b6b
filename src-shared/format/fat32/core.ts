// What volume.ts (reading) gives to change.ts (writing).
import type { DirectoryRecord, ScannedDirectory } from './directory.ts'
import type { FatGeometry } from './geometry.ts'
import type { FatDevice, FatTable } from './table.ts'

/** A directory as read: its clusters, bytes and records. `first` is 0 for none. */
export interface OpenDirectory extends ScannedDirectory {
  readonly clusters: readonly number[]
  readonly bytes: Uint8Array
  readonly path: string
}

/** An open volume, as its changes see it. */
export interface VolumeCore {
  readonly device: FatDevice
  /** Bytes from the start of the device. */
  readonly base: number
  readonly geometry: FatGeometry
  readonly table: FatTable
  root(): Promise<OpenDirectory>
  openDirectory(record: DirectoryRecord, path: string): Promise<OpenDirectory>
  fileClusters(record: DirectoryRecord, path: string): Promise<number[]>
}
