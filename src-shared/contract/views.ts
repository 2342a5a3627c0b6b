// What the console draws: nouns as the host sends them. Readonly data, JSON only. A renderer never sees a path that it
// could send back: whatever can be acted on has a token.
// Long because it is one table: every view that a window can be sent.

import type { SlotAction } from '#model/actions.ts'
import type { NextBoot } from '#model/boot-state.ts'
import type { Fallback } from '#model/health.ts'
import type { ErasedText, JobText, KeptText, PlanTitle, StepText } from '#model/plan-text.ts'
import type { Slot, SlotOverride, Verdict } from '#model/slot.ts'
import type { Cause } from './causes.ts'

/** Opaque; made by the host, dies with it. */
export type Token = string

/** A sentence of the error catalogue with its code; texts are English, the renderer adds the diagnosis in its language. */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly remedy: string
  readonly details: Readonly<Record<string, string | number | boolean>>
}

/** State words of the console, always the same. */
export type StateWord =
  | 'ready'
  | 'writing'
  | 'reading-back'
  | 'verified'
  | 'failed'
  | 'stopped'
  | 'needs-you'
  | 'unknown'

export interface PartitionView {
  readonly number: number
  readonly name: string
  readonly role: 'esp' | 'slot-a' | 'slot-b' | 'config' | 'data' | 'media' | 'logs' | 'cache' | 'other'
  /** Bytes. */
  readonly offset: number
  readonly size: number
  readonly holds: string
}

export interface SlotView {
  readonly slot: Slot
  readonly verdict: Verdict
  /** Boots left of three; only with Trying. */
  readonly triesLeft: number | null
  /** It boots once, as somebody wished; only with Trying. */
  readonly once: boolean
  readonly product: string | null
  readonly version: string | null
  /** Full fingerprint, upper-case hexadecimal. */
  readonly signer: string | null
  readonly signerName: string | null
  readonly sha256: string | null
  /** Bytes of the image. */
  readonly size: number | null
  readonly writtenAt: string | null
  readonly writtenBy: string | null
  /** What the last reading against the recorded digest said, as far as nothing has changed since. */
  readonly checked: 'not-checked' | 'equal' | 'differs'
  /** When that was read. */
  readonly checkedAt: string | null
}

/** What a report says was done; one of an older console has only its English sentence. */
export type DoneText = JobText | { readonly kind: 'as-written'; readonly title: string }

export interface HistoryRow {
  readonly at: string
  readonly what: DoneText
  readonly outcome: 'done' | 'failed' | 'stopped'
  readonly report: Token | null
}

/** What the appliance wrote down when it last went back to the other slot. */
export type FallbackView = Pick<Fallback, 'at' | 'slot' | 'version' | 'reason' | 'boots' | 'probes'>

/** The last change against advice; `as-written`: one that this console does not know, in the words on the disk. */
export interface OverrideView extends Pick<SlotOverride, 'at' | 'by' | 'slot' | 'reason'> {
  readonly what:
    | { readonly kind: `slot-${SlotAction}` }
    | { readonly kind: 'older-release'; readonly found: number; readonly known: number }
    | { readonly kind: 'as-written'; readonly title: string }
}

export interface RecoveryView {
  readonly slots: { readonly A: SlotView; readonly B: SlotView }
  /** What the boot loader does at the next start; null: the rescue menu. */
  readonly bootsNext: NextBoot | null
  /** Where nothing boots next: what does when the rescue menu has waited ten minutes; null: it waits for a person. */
  readonly bootsLater: NextBoot | null
  /** The slot that this computer runs from, when the console runs on the appliance itself; null on every other disk. */
  readonly running: Slot | null
  /** What is wrong with the boot environment. */
  readonly damage: readonly DamageView[]
  readonly lastFallback: FallbackView | null
  readonly override: OverrideView | null
  /** What was done to this disk by this station, newest first. */
  readonly history: readonly HistoryRow[]
}

export interface DamageView extends Problem {
  /** The repair that would help and, as planned, would be done; null: there is none, or see `against`. */
  readonly repair: RepairKind | null
  /** Why the repair that would help is refused. */
  readonly against: readonly Problem[]
}

/** One side of a partition table, with what keeping it takes away. */
export interface TableSideView {
  readonly partitions: readonly PartitionView[]
  /** Partitions of the other side that are not in this one, or not as they are there. */
  readonly lost: readonly PartitionView[]
  /** Why it cannot be kept; empty when it can. */
  readonly against: readonly Problem[]
}

/** The doctor's repairs; one at a time, each with a backup of what it changes. */
export type RepairKind = 'environment' | 'ab-state' | 'boot-loader' | 'slot-record' | 'partition-table' | 'both-bad'

/** What is on a unit, for one line; `slots`: what `recovery` says of them. */
export type SummaryText =
  | { readonly kind: 'nothing' | 'slots' | 'mbr' | 'unknown' }
  | { readonly kind: 'partitions'; readonly names: readonly string[] }

/** What is known of the bytes in a unit's slots, and from when. `unread`: not since it was plugged in, written, or cut off. */
export type ContentText =
  | { readonly kind: 'verified'; readonly at: string }
  | { readonly kind: 'differs' | 'partly'; readonly slots: readonly Slot[]; readonly at: string }
  | { readonly kind: 'unread'; readonly at: string; readonly why: 'plugged' | 'written' | 'interrupted' }

/** How the last job of this station on the unit ended, whatever was there before and is there now. */
export interface LastJobView {
  readonly kind: UnitJobView['kind']
  readonly outcome: 'done' | 'failed' | 'stopped' | 'interrupted'
  readonly at: string
}

/** A job that wrote and did not come to its end. */
export interface UnfinishedView {
  readonly kind: UnitJobView['kind']
  readonly at: string
  /** Why it cannot be taken up again as it was; null when it can. */
  readonly obstacle: 'image-gone' | 'config-gone' | 'slot-differs' | null
}

/** Two facts with two times, kept over a restart: how the last job ended, and what the content is. */
export interface KnownView {
  readonly lastJob: LastJobView | null
  readonly content: ContentText | null
  readonly unfinished: UnfinishedView | null
}

export interface UnitView {
  readonly token: Token
  /** Stable over hot-plug and restart: derived from the identity. */
  readonly key: string
  readonly kind: 'disk' | 'virtual'
  /** For people only. */
  readonly path: string
  readonly model: string | null
  readonly serial: string | null
  readonly size: number
  readonly attachment: 'usb' | 'ata' | 'nvme' | 'mmc' | 'scsi' | 'virtio' | 'file' | 'other'
  /** Bay or port as far as it is known. */
  readonly port: string
  readonly removable: boolean
  /** Another unit reports the same serial (or none): unplug to identify. */
  readonly twin: boolean
  /** `looking`: it appeared just now and is being read. `being-written`: what was seen before is not there any more. */
  readonly content: 'blank' | 'appliance' | 'other' | 'unreadable' | 'looking' | 'being-written'
  readonly known: KnownView
  readonly summary: SummaryText
  readonly partitions: readonly PartitionView[]
  readonly recovery: RecoveryView | null
  /** Both sides of the partition table, where both are whole and differ; null otherwise. */
  readonly tableSides: { readonly primary: TableSideView; readonly backup: TableSideView } | null
  /** ISO 8601 of the newest file of /config, when it can be known. */
  readonly configAge: string | null
  /** Why its /config cannot be read, or cannot be replaced, by what its place holds; null where it can, and where nobody has looked. */
  readonly configAgainst: { readonly read: Problem | null; readonly restore: Problem | null }
  /** Reasons against writing; empty = offered. */
  readonly refusals: readonly Problem[]
  /** Warnings before a start: USB 2 port, half-provisioned, ... */
  readonly warnings: readonly Problem[]
}

export interface HiddenDisk {
  readonly name: string
  readonly size: number
  readonly reason: Problem
}

export interface BenchView {
  readonly units: readonly UnitView[]
  readonly hidden: readonly HiddenDisk[]
  /** Set while inventory itself does not work. */
  readonly problem: Problem | null
}

export interface ImageView {
  readonly token: Token
  readonly name: string
  readonly kind: 'bundle' | 'triple'
  readonly product: string | null
  readonly version: string | null
  /** SHA-256 of the signed manifest, of the image for a triple; null for what could not be authenticated. */
  readonly digest: string | null
  readonly channel: string | null
  readonly counter: number | null
  readonly created: string | null
  readonly expires: string | null
  readonly size: number
  readonly hardware: readonly string[]
  readonly signer: { readonly fingerprint: string; readonly name: string; readonly expires: string | null } | null
  /** `trusted`: signature good, the bytes not read; `verified`: every byte was read; `bad`: see problem. */
  readonly state: 'checking' | 'trusted' | 'verified' | 'bad'
  readonly problem: Problem | null
  readonly pinned: boolean
  readonly addedAt: string
  readonly hasBootFiles: boolean
  /** When every byte, and the format of the system image, was looked at; null: not since the file changed. */
  readonly readAt: string | null
}

export interface KeyView {
  readonly fingerprint: string
  readonly name: string
  readonly algorithm: string
  readonly created: string
  readonly expires: string | null
  readonly state: 'usable' | 'expired' | 'revoked' | 'weak'
}

export interface LayoutView {
  readonly name: string
  readonly description: string
  /** The smallest disk, bytes. */
  readonly minimum: number
}

export interface PlanImage {
  readonly name: string
  readonly product: string | null
  readonly version: string | null
  /** Null where it does not say; empty: for all of the product's. */
  readonly hardware: readonly string[] | null
}

/** `from`: a folder, or the unit whose /config it was; both null when only its files are known still. */
export interface PlanConfig {
  readonly from: string | null
  readonly unit: string | null
  readonly files: number | null
}

export interface PlanView {
  readonly plan: string
  readonly unit: Token
  readonly title: PlanTitle
  readonly erased: readonly ErasedText[]
  readonly kept: readonly KeptText[]
  readonly steps: readonly StepText[]
  /** Before and after, to scale. */
  readonly before: readonly PartitionView[]
  readonly after: readonly PartitionView[]
  readonly diskSize: number
  /** The image that is written, in its own words; null when none is. */
  readonly image: PlanImage | null
  /** What becomes /config; null when nothing does. */
  readonly config: PlanConfig | null
  /** Bytes that will be written and read back, at most. */
  readonly bytes: number
  readonly warnings: readonly Problem[]
}

export interface PlanAnswer {
  readonly plans: readonly PlanView[]
  readonly refused: readonly { readonly unit: Token; readonly refusals: readonly Problem[] }[]
}

/** How the host wants a set of plans confirmed; it alone judges. */
export interface Challenge {
  readonly challenge: Token
  /** `serial`: the last characters of one unit's serial; `count`: the number of units. */
  readonly kind: 'serial' | 'count'
  /** How many characters of which text; the text itself is shown, too (it is no secret). */
  readonly expected: string
  /** Start is refused before this many milliseconds have passed, except with the assistive setting. */
  readonly armAfterMs: number
  readonly plans: readonly PlanView[]
}

export type Stage =
  | 'identify'
  | 'erase'
  | 'write'
  | 'flush'
  | 'read-back'
  | 'boot-files'
  | 'config'
  | 'table'
  | 'check'
  | 'done'

export interface UnitJobView {
  readonly job: Token
  readonly batch: Token
  readonly unit: Token
  readonly unitKey: string
  readonly title: string
  readonly kind: 'provision' | 'flash' | 'slot' | 'repair' | 'restore' | 'verify'
  readonly state: StateWord
  readonly stage: Stage
  readonly steps: readonly { readonly text: StepText; readonly state: 'waiting' | 'running' | 'done' | 'failed' }[]
  readonly doneBytes: number
  readonly totalBytes: number
  /** Bytes per second, one value per second, the last 120. */
  readonly curve: readonly number[]
  readonly startedAt: string | null
  readonly endedAt: string | null
  /** Seconds; null while measuring. */
  readonly remaining: number | null
  /** What holds it up: reading the image, this computer's decoding and digests, the disk; null when nothing stands out. */
  readonly limit: 'image' | 'computer' | 'disk' | null
  readonly diagnosis: Diagnosis | null
  readonly report: Token | null
}

/** Why a job stopped, in words: the renderer has the four lines for each cause in its languages. */
export interface Diagnosis {
  readonly cause: Cause
  /** How sure: the cause was seen, or is the probable one. */
  readonly confidence: 'certain' | 'probable'
  readonly written: boolean
  /** What is safe now: the old slot still boots; the disk cannot boot; nothing was touched. */
  readonly safe: 'untouched' | 'other-slot-boots' | 'does-not-boot' | 'unknown'
  readonly problem: Problem
}

export interface BatchView {
  readonly batch: Token
  readonly title: string
  readonly state: 'first-unit' | 'running' | 'paused' | 'asks' | 'done'
  /** Set with `asks`: two units failed for this cause. */
  readonly cause: Cause | null
  readonly jobs: readonly UnitJobView[]
}

export interface ReportView {
  readonly token: Token
  readonly id: string
  readonly at: string
  readonly unit: string
  readonly what: DoneText
  readonly outcome: 'done' | 'failed' | 'stopped'
  readonly version: string | null
  readonly signed: boolean
}

export interface SelfTestRow {
  readonly name: 'System' | 'Runner' | 'Disks' | 'Permission' | 'Consent' | 'Tools' | 'Disk space' | 'Clock' | 'USB'
  readonly state: 'ok' | 'warning' | 'failed'
  /** One sentence or a few. */
  readonly found: readonly SelfTestText[]
}

/** What the self-test saw. `size` is bytes, `speed` Mbit/s, `at` ISO 8601, `remedy` a command to type. */
export type SelfTestText =
  | {
      readonly kind:
        | 'runner'
        | 'root'
        | 'no-disk'
        | 'consent-root'
        | 'consent-dialog'
        | 'no-pkexec'
        | 'no-agent'
        | 'space-low'
        | 'clock-unknown'
        | 'clock-kept'
        | 'clock-not-kept'
        | 'usb-unseen'
        | 'usb-none'
        | 'usb-no-3'
    }
  | { readonly kind: 'node'; readonly node: string; readonly system: string }
  | { readonly kind: 'node-needed'; readonly least: number }
  | { readonly kind: 'disks'; readonly count: number; readonly hidden: number }
  | { readonly kind: 'all-writable'; readonly count: number }
  | { readonly kind: 'consent-each'; readonly count: number; readonly total: number }
  | { readonly kind: 'agent'; readonly agent: string }
  | { readonly kind: 'tools'; readonly tools: readonly string[] }
  | { readonly kind: 'tool-missing'; readonly tool: string; readonly remedy: string }
  | {
      readonly kind: 'tool-missing-for'
      readonly tool: string
      readonly use: 'xfs' | 'encryption' | 'restore'
      readonly remedy: string
    }
  | { readonly kind: 'space'; readonly size: number }
  | { readonly kind: 'clock'; readonly at: string; readonly zone: string }
  | { readonly kind: 'clock-behind'; readonly at: string }
  | { readonly kind: 'usb-fastest'; readonly speed: number }
  | { readonly kind: 'usb-slow'; readonly path: string; readonly speed: number }
  /** It could not be looked at, and why. */
  | { readonly kind: 'problem'; readonly problem: Problem }

export interface SettingsView {
  readonly language: 'en' | 'de' | 'fr' | 'es' | 'ar' | 'system'
  readonly theme: 'system' | 'light' | 'dark'
  readonly sounds: boolean
  /** Skips the two-second arming delay, for assistive technology. */
  readonly assistive: boolean
  readonly operator: string
  /** Serial numbers that are never written. */
  readonly neverTouch: readonly string[]
}

export interface ConfigFileView {
  readonly path: string
  readonly size: number
  readonly secret: boolean
  /** Null for a secret or a file that is no text. */
  readonly text: string | null
}

export interface ConfigDraftView {
  readonly draft: Token
  readonly from: string
  /** Serial number or file of the unit whose /config it is; null for a folder. */
  readonly unit: string | null
  readonly files: readonly ConfigFileView[]
  readonly problems: readonly (Problem & { readonly file: string; readonly line: number | null })[]
}

/** A long reading that changes nothing: both slots of a unit, or an image. */
export interface CheckView {
  /** The unit or the image. */
  readonly about: Token
  readonly doneBytes: number
  readonly totalBytes: number
}

export interface StationView {
  /** Number of the last event that is in this snapshot. */
  readonly seq: number
  readonly version: string
  readonly host: 'desktop' | 'browser'
  readonly platform: string
  readonly settings: SettingsView
  readonly bench: BenchView
  readonly images: readonly ImageView[]
  readonly keys: readonly KeyView[]
  readonly layouts: readonly LayoutView[]
  readonly batches: readonly BatchView[]
  readonly reports: readonly ReportView[]
  /** Why the reports that were there when the console opened are not shown; null when they are. */
  readonly reportsUnread: Problem | null
  /** Those that are under way. */
  readonly checks: readonly CheckView[]
}
