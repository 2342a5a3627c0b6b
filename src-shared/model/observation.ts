// The facts on a disk that a plan depends on, seen at one moment (engine/observe.ts makes it; planners only read it).
import type { Finding } from '#base/errors.ts'
import type { BootState, NextBoot } from './boot-state.ts'
import type { DiskInfo } from './disk.ts'
import type { PartitionTable } from './partition-table.ts'
import type { Slot, SlotRecords } from './slot.ts'

/** One intact side of a partition table. */
export interface TableSide {
  readonly table: PartitionTable
  /** Why both sides cannot be made like this one; null when they can. */
  readonly refusal: Finding | null
}

/** Where a slot or the ESP lies on the disk, bytes. */
export interface Extent {
  readonly offset: number
  readonly length: number
}

export interface DiskObservation {
  readonly disk: DiskInfo
  /** `blank`: wherever tools look for content, and at spots all over the disk, there are only zeroes. */
  readonly content: 'blank' | 'gpt' | 'mbr' | 'unknown'
  readonly table: PartitionTable | null
  /** Which side of the GPT `table` comes from; null when there is none. */
  readonly tableFrom: 'primary' | 'backup' | null
  /** Each side by itself; null where it is not intact. */
  readonly tableSides: Readonly<Record<'primary' | 'backup', TableSide | null>>
  /** What is wrong with the table, if anything. */
  readonly tableFindings: readonly Finding[]
  /** The partitions as an A/B disk, when it is one. */
  readonly esp: Extent | null
  readonly slots: { readonly A: Extent; readonly B: Extent } | null
  /** Null when the disk is not an A/B disk or its ESP cannot be read. */
  readonly boot: BootObservation | null
  /** What the images in the slots say that they are, where the record of the slots does not; absent where nobody looked. */
  readonly slotProducts?: Readonly<Partial<Record<Slot, string>>>
  /**
   * Only on the appliance itself, of its own disk: the slot that runs. The disk is then in use by nature; the running slot
   * is never written, and nothing is tried before it is confirmed (plan/offer.ts).
   */
  readonly running?: Slot
}

export interface BootObservation {
  readonly state: BootState
  readonly records: SlotRecords
  /** What the next start does, by the boot loader's own rules over these very files; null: the rescue menu. */
  readonly next: NextBoot | null
  /** Where nothing boots next: what does when the rescue menu has waited; null: it waits for a person. */
  readonly later: NextBoot | null
  /** Damage seen while reading the boot files, for people; the readers already fell back as the boot loader does. */
  readonly findings: readonly Finding[]
}
