// Slots: one complete system each. What was written is in the slot record; what the boot loader thinks is in the boot
// state; the verdict is computed from both, never stored.
import type { Fallback, TrialNote } from './health.ts'
import type { Slot } from './slot-name.ts'

export { otherSlot, SLOTS, type Slot } from './slot-name.ts'

/** Good, Trying (people read "on trial, 3 tries left" or "boots once"), Bad, Empty, Incomplete, Unknown. */
export type Verdict = 'Good' | 'Trying' | 'Bad' | 'Empty' | 'Incomplete' | 'Unknown'

/** What a slot holds, as recorded on the disk itself by whoever wrote it. */
export interface SlotContent {
  readonly product: string | null
  readonly version: string | null
  readonly counter: number | null
  /** Bytes of the image, from the start of the slot. */
  readonly size: number
  /** SHA-256 of those bytes, hexadecimal. */
  readonly sha256: string
  /** Full fingerprint of the primary key that signed, upper-case hexadecimal. */
  readonly signer: string
  /** ISO 8601, UTC. */
  readonly writtenAt: string
  /** Who wrote it: `user@station`. */
  readonly writtenBy: string
}

export type SlotRecord =
  | { readonly state: 'empty' }
  | { readonly state: 'incomplete'; readonly since: string; readonly by: string; readonly version: string | null }
  | { readonly state: 'written'; readonly content: SlotContent }
  /** Both copies of the record are unreadable. */
  | { readonly state: 'unknown' }

/** A selection against advice, kept for whoever looks at the disk later. */
export interface SlotOverride {
  readonly slot: Slot
  readonly action: string
  readonly reason: string
  readonly at: string
  readonly by: string
}

/** The record of both slots; on the ESP, see format/slot-record.ts. */
export interface SlotRecords {
  readonly A: SlotRecord
  readonly B: SlotRecord
  /** The last override, if any. */
  readonly override: SlotOverride | null
  /** The last fall-back, if any: what failed, when and why, for whoever looks at the disk later. */
  readonly fallback: Fallback | null
  /** The last trial that an update began, if any. */
  readonly trial?: TrialNote | null
}

/** The note about a trial of what `slot` holds now; null when there is none. */
export function trialNoteOf(records: SlotRecords, slot: Slot): TrialNote | null {
  const { trial } = records
  const record = records[slot]
  if (trial?.slot !== slot || record.state !== 'written') return null
  const { sha256, writtenAt } = record.content
  return trial.sha256 === sha256 && trial.writtenAt === writtenAt ? trial : null
}

/** Tells one content of a slot from another, whatever clocks said when they were written: compared for equality only. */
export function slotIdentity(record: SlotRecord): string {
  if (record.state !== 'written') return record.state
  const { version, sha256, writtenAt, writtenBy } = record.content
  return [version ?? '', sha256, writtenAt, writtenBy].join(' ')
}
