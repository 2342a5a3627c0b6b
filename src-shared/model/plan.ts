// A plan: the same object is the dry run, the sentences to confirm, the work list, the journal's key and the report's
// skeleton. Immutable and serialisable; its id is the SHA-256 of everything else in canonical JSON.
import type { BootRepair, SlotAction } from './actions.ts'
import type { BootFile, BootState } from './boot-state.ts'
import type { DiskIdentity } from './disk.ts'
import type { ImageDisk } from './image-facts.ts'
import type { Layout, PlacedPartition } from './layout.ts'
import type { Extent } from './observation.ts'
import type { PartitionTable } from './partition-table.ts'
import type { ErasedText, KeptText } from './plan-text.ts'
import type { Signer } from './signer.ts'
import type { Slot, SlotOverride } from './slot.ts'

/** What a plan needs to know of an authenticated release. */
export interface ReleaseFacts {
  readonly kind: 'bundle' | 'triple'
  /** SHA-256 of the signed manifest, or of the image for a triple: what "this release" means. */
  readonly digest: string
  readonly product: string | null
  readonly version: string | null
  readonly counter: number | null
  /** DMI product names that it may be written for; empty, or absent where nothing was read, means any. */
  readonly hardware?: readonly string[]
  /** The disk that the system image expects, by its own word; absent or null where it says nothing. */
  readonly imageDisk?: ImageDisk | null
  readonly signer: string
  readonly system: { readonly size: number; readonly sha256: string } | null
  readonly esp: { readonly size: number; readonly sha256: string } | null
  /** What the accepted signature says, for records; absent where nothing was authenticated (tests). */
  readonly signature?: Omit<Signer, 'fingerprint' | 'signingKey'>
}

/** A file that goes into a new file system. */
export interface ContentFile {
  /** Relative, `/` between parts. */
  readonly path: string
  readonly size: number
  readonly sha256: string
  /** Permission bits, decimal. */
  readonly mode: number
}

/** A file of the EFI system partition. */
export interface EspFile {
  /** `/` between parts, none in front. */
  readonly path: string
  readonly size: number
  readonly sha256: string
}

interface RequestBase {
  /** ISO 8601 UTC: the time of the request, an argument so that planning again gives the same plan. */
  readonly at: string
  /** `user@station`. */
  readonly by: string
}

export interface ProvisionRequest extends RequestBase {
  readonly kind: 'provision'
  readonly layout: Layout
  readonly slots: readonly Slot[]
  readonly seed: string
  /** Files of `--config`, null when none was given. */
  readonly config: readonly ContentFile[] | null
  /** Reason for writing a release with an older counter. */
  readonly allowOlder: string | null
}

export interface FlashRequest extends RequestBase {
  readonly kind: 'flash'
  readonly slot: Slot
  readonly changedOnly: boolean
  readonly allowOlder: string | null
}

export interface SlotRequest extends RequestBase {
  readonly kind: 'slot'
  readonly action: SlotAction
  readonly slot: Slot
  /** Reason for selecting a slot against advice. */
  readonly force: string | null
}

export interface RepairRequest extends RequestBase {
  readonly kind: 'repair-table'
  /** Which side both shall be like; needed only where both are intact and differ. */
  readonly keep?: 'primary' | 'backup'
}

export interface DoctorRequest extends RequestBase {
  readonly kind: 'repair'
  readonly repair: BootRepair
}

export interface RestoreRequest extends RequestBase {
  readonly kind: 'restore'
  /** What /config will consist of. */
  readonly files: readonly ContentFile[]
}

export type Request = ProvisionRequest | FlashRequest | SlotRequest | RepairRequest | DoctorRequest | RestoreRequest

/** A transition of the boot state (model/boot-state.ts does it); `select` makes a confirmed slot the wanted one. */
export type BootChange =
  | { readonly kind: 'arm'; readonly slot: Slot; readonly tries: number }
  | { readonly kind: 'select' | 'confirm' | 'bad' | 'reset'; readonly slot: Slot }

export type Step =
  /** Old partition tables first, then old file system signatures. */
  | { readonly type: 'wipe'; readonly tables: readonly Extent[]; readonly signatures: readonly Extent[] }
  | {
      readonly type: 'write-image'
      readonly slot: Slot
      readonly at: Extent
      readonly size: number
      readonly sha256: string
      readonly changedOnly: boolean
    }
  | {
      readonly type: 'make-filesystem'
      readonly partition: PlacedPartition
      readonly uuid: string
      /** Directory in the new file system that receives the files, `` for its root. */
      readonly into: string
      readonly directories: readonly string[]
      readonly files: readonly ContentFile[]
    }
  | {
      readonly type: 'write-esp'
      readonly partition: PlacedPartition
      readonly volumeId: number
      readonly slots: readonly Slot[]
      readonly defaultSlot: Slot
      readonly espSha256: string
      readonly override: SlotOverride | null
    }
  /** Marks all over the disk, read back at once (engine/disk-marks.ts): a disk that claims more room than it has shows here. */
  | { readonly type: 'probe-disk' }
  /** Reads the marks that are left, now that everything else is on the disk. */
  | {
      readonly type: 'check-disk'
      /** Outside of all partitions: zero afterwards. */
      readonly blank: readonly Extent[]
      /** Marks elsewhere stay where nothing uses the room; false in an image file, which keeps its holes. */
      readonly marksStay: boolean
    }
  | { readonly type: 'write-table'; readonly table: PartitionTable }
  /** Writes the other side of the table anew from `from`, which is intact; the other one may be, too (`--keep`). */
  | { readonly type: 'repair-table'; readonly from: 'primary' | 'backup'; readonly table: PartitionTable }
  | {
      readonly type: 'record-slot'
      readonly esp: Extent
      readonly slot: Slot
      readonly state: 'incomplete' | 'written'
      readonly override: SlotOverride | null
    }
  /** Re-reads the whole slot against its recorded digest and looks for the kernel. */
  | {
      readonly type: 'check-slot'
      readonly slot: Slot
      readonly at: Extent
      readonly size: number
      readonly sha256: string
    }
  | {
      readonly type: 'boot-state'
      readonly esp: Extent
      readonly change: BootChange
      readonly override: SlotOverride | null
    }
  /** Writes these boot files anew, in this order, so that they say `state`. */
  | {
      readonly type: 'rewrite-boot-state'
      readonly esp: Extent
      readonly files: readonly BootFile[]
      readonly state: BootState
    }
  /** Puts signed boot files back onto the ESP, the boot loader last. */
  | {
      readonly type: 'put-boot-files'
      readonly esp: Extent
      readonly files: readonly EspFile[]
    }
  /** Reads slots whose record says nothing, or something that cannot be, and writes the record anew. */
  | {
      readonly type: 'identify-slots'
      readonly esp: Extent
      readonly slots: readonly { readonly slot: Slot; readonly at: Extent }[]
    }
  /** Reads the slots one after the other; the first that equals its recorded digest boots next, as a trial. */
  | {
      readonly type: 'revive-slot'
      readonly esp: Extent
      readonly slots: readonly {
        readonly slot: Slot
        readonly at: Extent
        readonly size: number
        readonly sha256: string
      }[]
    }
  /** Copies what is in /config now into a folder of the station. */
  | { readonly type: 'keep-config'; readonly at: Extent; readonly directory: string }
  /** Replaces the files of a directory of an ext4 file system; everything else in it stays. */
  | {
      readonly type: 'replace-files'
      readonly at: Extent
      readonly directory: string
      readonly files: readonly ContentFile[]
    }

export interface Plan {
  readonly id: string
  readonly request: Request
  readonly disk: DiskIdentity & { readonly path: string; readonly model: string | null; readonly sectorSize: number }
  readonly release: ReleaseFacts | null
  /** Release that brings the boot files, when it is another one. */
  readonly boot: ReleaseFacts | null
  /** What will be gone, and what stays. */
  readonly erased: readonly ErasedText[]
  readonly kept: readonly KeptText[]
  readonly steps: readonly Step[]
}
