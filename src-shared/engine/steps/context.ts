// What a step may use. Everything with an effect is a port; see engine/ports.ts and engine/copy.
import type { Extent } from '#model/observation.ts'
import type { ContentFile, Plan } from '#model/plan.ts'
import type { BlockCodec, Pace } from '../copy/ports.ts'
import type { UnitReading } from '../copy/shared-reading.ts'
import type { DiskMarks } from '../disk-marks.ts'
import type { ImageSource } from '../image-source.ts'
import type { BlockDevice, Clock, JobEvent } from '../ports.ts'

/** A file system made aside, as ranges of a sparse file: what must be copied, and what must read as zero. */
export interface MadeFilesystem extends AsyncDisposable {
  readonly extents: readonly Extent[]
  readonly zeroes: readonly Extent[]
  read(offset: number, target: Uint8Array): Promise<void>
}

export interface FilesystemRequest {
  readonly kind: 'ext4' | 'xfs'
  /** The key is the adapter's own business: it never passes through a plan. */
  readonly encryption: 'luks2' | null
  readonly size: number
  readonly sectorSize: number
  readonly uuid: string
  readonly label: string
  /** ISO 8601: time stamps inside the file system. */
  readonly at: string
  readonly directories: readonly string[]
  /** Paths inside the file system; the content of config files is known to the adapter by the path behind `into`. */
  readonly files: readonly {
    readonly path: string
    readonly from: string
    readonly sha256: string
    readonly mode: number
  }[]
}

/** A file system on the disk with a change to it made aside. */
export interface ChangedFilesystem extends AsyncDisposable {
  /** Its first block, saying that a change is under way: written first, so that a cut is noticed. */
  readonly begin: Uint8Array
  /** Ranges to be written after that, ascending; the first block is not among them. */
  readonly changes: readonly Extent[]
  /** The first block at last. */
  readonly end: Uint8Array
  read(offset: number, target: Uint8Array): Promise<void>
}

/** The files of /config inside an ext4 file system on the disk (node/config/config-on-disk.ts). */
export interface ConfigFiles {
  /** Copies what is in the directory into a folder of the station. */
  keep(at: Extent, directory: string): Promise<{ readonly files: number; readonly folder: string }>
  /** `resumed`: an earlier run began to write; what it left is repaired aside, too. */
  replace(
    wanted: {
      readonly at: Extent
      readonly directory: string
      readonly files: readonly ContentFile[]
      readonly time: string
      readonly resumed: boolean
    },
    device: BlockDevice,
  ): Promise<ChangedFilesystem>
}

/** Fills `target` from `offset` of something. */
export type ReadAt = (offset: number, target: Uint8Array) => Promise<void>

/** Images of authenticated releases. */
export interface ReleaseImages {
  image(role: 'system' | 'esp'): ImageSource | null
}

export interface StepContext {
  readonly device: BlockDevice
  /** Of this job on this disk; writing through `device` takes them away. */
  readonly marks: DiskMarks
  readonly plan: Plan
  readonly release: ReleaseImages | null
  /** The release that brings the boot files: `--boot`, else the release itself. */
  readonly boot: ReleaseImages | null
  readonly codec: BlockCodec
  /** The system image as the units of a batch read it together; absent in a job of its own. */
  readonly reading?: UnitReading
  readonly pace: Pace
  readonly clock: Clock
  readonly signal: AbortSignal
  /** True when an earlier run of this job began this step: look before writing. */
  readonly resumed: boolean
  /** Makes a file system aside (node/filesystem/filesystems.ts). */
  makeFilesystem(request: FilesystemRequest): Promise<MadeFilesystem>
  /** Only in jobs that restore /config. */
  readonly configFiles?: ConfigFiles
  /**
   * Looks for kernel and initrd in a system image: `found`, or `unchecked` for a file system that is not looked into.
   * @throws EngineError `image.*`
   */
  checkSlotContent(read: ReadAt, size: number): Promise<'found' | 'unchecked'>
  /** An incremental SHA-256; `hex` ends it. */
  createDigest(): { update(bytes: Uint8Array): void; hex(): string }
  progress(phase: Extract<JobEvent, { type: 'progress' }>['phase'], doneBytes: number, totalBytes: number): void
}
