// An update on its way through an appliance: what it is, how far it is, and the words that the fleet server knows for it.
// Names on disk and on the wire are the specification's (docs/format/device.md); pure functions, no effects.
import type { Finding } from '#base/errors.ts'
import type { Slot } from './slot-name.ts'

/** What the server knows (`appliance_updates.status`), in the order in which an update passes them. */
export const UPDATE_STATUSES = [
  'pending',
  'notified',
  'downloading',
  'ready',
  'rebooting',
  'verifying',
  'succeeded',
  'failed',
  'rolled_back',
] as const
export type UpdateStatus = (typeof UPDATE_STATUSES)[number]

/**
 * How far the device is, finer than the status. Each phase is persisted before it is acted on:
 * accepted -> writing (download and write are one for a bundle) -> ready (written and read back; waiting for approval and
 * the window; the boot selection is untouched) -> switching (the wanted slot is being changed) -> rebooting -> verifying
 * (the gate has seen the new slot run).
 */
export const UPDATE_PHASES = ['accepted', 'writing', 'ready', 'switching', 'rebooting', 'verifying'] as const
export type UpdatePhase = (typeof UPDATE_PHASES)[number]

/** Where an update came from. `local`: a person gave a file. */
export type UpdateOrigin = 'order' | 'fleet' | 'channel' | 'local'

/** A maintenance window as it is spelled on the wire; either dialect of day names. model/window.ts reads it. */
export interface WindowSpec {
  /** Or a word for it (yes, no, on, off). */
  readonly enabled?: boolean | string
  /** "02:00" */
  readonly start: string
  /** "05:00"; at or before `start` it is on the next day. */
  readonly end: string
  /** IANA name. */
  readonly timezone?: string
  readonly days?: readonly string[]
}

/** What somebody wants installed. `sha256` and `sizeBytes` are claims of the channel, never the reason to believe bytes. */
export interface UpdateOffer {
  readonly origin: UpdateOrigin
  readonly updateId: string
  readonly rolloutId: string | null
  readonly orderId: string | null
  readonly version: string
  /** Of a bundle, or of the image of a triple; an absolute path when `origin` is local. */
  readonly url: string
  readonly sha256: string | null
  readonly sizeBytes: number | null
  /** Null: always open. */
  readonly window: WindowSpec | null
  readonly requireApproval: boolean
  /** A person's reason for a release that lowers or loses what the disk knows; recorded on the disk. */
  readonly allowOlder?: string
}

/** `update_state.json`: the update under way. Its first five names are the specification's. */
export interface UpdateRecord {
  readonly update_id: string
  readonly rollout_id: string | null
  readonly version: string
  readonly target_partition: Slot
  /** ISO 8601 UTC. */
  readonly started_at: string
  readonly phase: UpdatePhase
  readonly offer: UpdateOffer
  /** SHA-256 of what was written (signed manifest or image), once known. */
  readonly release_digest: string | null
  /** When a person allowed the reboot. */
  readonly approved_at: string | null
  /** What the running system's probes said before the switch, by name: a probe that failed then does not roll back. */
  readonly baseline: Readonly<Record<string, boolean>> | null
  /** Failed attempts of the present phase, for back-off. */
  readonly attempts: number
  /** Of them and of earlier phases: those in which the bytes or the slot were wrong. */
  readonly strikes?: number
  /** Back-off: not tried again before this (ISO 8601 UTC). */
  readonly retry_at?: string | null
  /**
   * What the target slot held when this update began, by `slotIdentity`: what differs from it later was written for this
   * update. Without it nothing counts as written.
   */
  readonly found?: string | null
  /** What the last failed attempt met, for people. */
  readonly last_error?: Finding | null
  /** The last status that was put into the outbox for it. */
  readonly reported?: UpdateStatus | null
  /** Set when it is over for good: only the report and the clearing are left to be done. */
  readonly failed?: { readonly wire: string; readonly finding: Finding } | null
}

/** Does the server know this update? Statuses are posted by appliance, so those of other updates would hit a wrong one. */
export const isReported = ({ origin }: UpdateOffer): boolean => origin === 'order' || origin === 'fleet'

/** A status on its way to the server; posted in order, kept in the outbox until it is answered. */
export interface StatusReport {
  /** ISO 8601 UTC. */
  readonly at: string
  readonly update_id: string
  readonly status: UpdateStatus
  readonly error_message?: string
  /** At most 50 characters, upper case: CHECKSUM_MISMATCH, DOWNLOAD_ERROR, ... */
  readonly error_code?: string
  readonly boot_attempts?: number
  readonly health_check_result?: Readonly<Record<string, unknown>>
}

/** The status that a phase means to the server. */
export const statusOfPhase = (phase: UpdatePhase): UpdateStatus =>
  ({
    accepted: 'notified',
    writing: 'downloading',
    ready: 'ready',
    switching: 'ready',
    rebooting: 'rebooting',
    verifying: 'verifying',
  })[phase] as UpdateStatus
