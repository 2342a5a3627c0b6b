// What a plan says, as data: a kind with its values, no sentence. plan/describe.ts makes the English of the command line and of
// the certificates of it; the console has a message for each kind in each of its languages. Numbers named `size` are bytes.
import type { BootRepair, SlotAction } from './actions.ts'
import type { Slot } from './slot.ts'

/** What a job does. */
export type JobText =
  | { readonly kind: 'provision'; readonly version: string; readonly layout: string }
  | { readonly kind: 'flash'; readonly version: string; readonly slot: Slot }
  | { readonly kind: `slot-${SlotAction}`; readonly slot: Slot }
  | { readonly kind: 'repair-table' | `repair-${BootRepair}` }
  | { readonly kind: 'restore'; readonly files: number }

/** The sentence that somebody confirms: which disk, and what becomes of it. */
export interface PlanTitle {
  /** Model and serial, or the file's name. */
  readonly name: string
  readonly size: number
  readonly path: string
  readonly job: JobText
}

/** What is known of a slot's content: its version, that it has one without a name, or why there is none. */
export type Held = 'version' | 'unnamed' | 'empty' | 'incomplete' | 'unknown'

/** What will be gone. `version` is empty unless `held` is `version`. */
export type ErasedText =
  | { readonly kind: 'mbr-disk' | 'unknown-content' }
  | { readonly kind: 'other-product'; readonly found: string; readonly wanted: string }
  | ({ readonly kind: 'partition'; readonly number: number } & PartitionText)
  | ({ readonly kind: 'device-partition'; readonly node: string } & PartitionText)
  | { readonly kind: 'slot'; readonly slot: Slot; readonly held: Held; readonly version: string }
  | { readonly kind: 'config-partition' | 'config-files'; readonly number: number; readonly name: string }

type PartitionText = {
  readonly name: string
  readonly type: 'esp' | 'linux' | 'other'
  readonly size: number
  readonly held: 'version' | 'unnamed' | 'none'
  readonly version: string
}

/** What stays. */
export type KeptText =
  | { readonly kind: 'slot'; readonly slot: Slot }
  | {
      readonly kind:
        | 'esp'
        | 'config-and-data'
        | 'both-slots'
        | 'boot-loader'
        | 'boot-loader-and-environment'
        | 'slot-choice'
        | 'slots-and-boot'
        | 'other-partitions'
        | 'other-data'
        | 'partitions'
        | 'everything'
    }

/** What one step does. */
export type StepText =
  | {
      readonly kind:
        | 'wipe'
        | 'probe-disk'
        | 'check-disk'
        | 'write-record'
        | 'keep-config'
        | 'table-from-primary'
        | 'table-from-backup'
    }
  | { readonly kind: 'write-slot' | 'write-slot-changed' | 'check-slot'; readonly slot: Slot; readonly size: number }
  | {
      readonly kind: 'make-filesystem'
      readonly number: number
      readonly name: string
      readonly filesystem: string
      readonly size: number
      /** Files for /config that go into it. */
      readonly files: number
    }
  | { readonly kind: 'make-esp'; readonly size: number; readonly slot: Slot }
  | { readonly kind: 'write-table'; readonly partitions: number }
  | {
      readonly kind:
        | 'record-incomplete'
        | 'record-slot'
        | 'boot-once'
        | 'boot-good'
        | 'mark-good'
        | 'mark-bad'
        | 'reset-tries'
        | 'write-selection'
        | 'identify-slot'
        | 'revive-slot'
      readonly slot: Slot
    }
  | { readonly kind: 'boot-trial'; readonly slot: Slot; readonly tries: number }
  | { readonly kind: 'write-environment' | 'write-environment-copy'; readonly good: Slot | 'none' }
  | { readonly kind: 'put-boot-files'; readonly files: readonly string[] }
  | {
      readonly kind: 'identify-slots' | 'revive-slots'
      readonly first: Slot
      readonly second: Slot
    }
  | { readonly kind: 'replace-files'; readonly directory: string; readonly files: number }
