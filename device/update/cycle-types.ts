// What an update cycle is to those who drive it (osiris-update, the agent): give it an offer, step it until it waits or
// ends, approve or cancel. It never sleeps: where time has to pass, the answer says until when, and the caller loops.
// The state machine behind it is docs/format/update.md.
import type { Finding } from '#base/errors.ts'
import type { JobEvent } from '#engine/ports.ts'
import type { ProbeResults } from '#model/health.ts'
import type { UpdateOffer, UpdateRecord } from '#model/update.ts'
import type { DeviceSettings } from '../ports.ts'

export interface UpdateCycle {
  /**
   * Takes an offer as the update under way: durable (phase `accepted`) when it answers. The offer of the update that is
   * under way already is accepted again and changes nothing but its window. Does no long work.
   */
  accept(offer: UpdateOffer): Promise<Accepted | Refused>
  /**
   * Does everything that can be done now (write, switch, reboot) and answers what it ended in or waits for. One call at a
   * time; aborting `signal` stops it at a safe place with `waiting` for `stopped`. Throws for bugs only: what an update can
   * meet, a full data partition included, is in the answer.
   */
  step(signal: AbortSignal): Promise<CycleState>
  /** A person allows the reboot of the update under way; `false` when there is none. Durable when it answers. */
  approve(): Promise<boolean>
  /**
   * The update is no longer wanted (order cancelled, rollout paused or gone): writing is aborted, the record is cleared, the
   * slot stays incomplete, nothing more is reported. `false` when it is not the update under way or when the boot selection
   * was changed already (then the gate judges). May be called while `step` runs.
   */
  cancel(updateId: string, reason: string): Promise<boolean>
  /** The update under way as it is on disk, and what the last `step` of this process said. Reads; changes nothing. */
  current(): Promise<CurrentUpdate>
}

export interface Accepted {
  readonly accepted: true
  readonly record: UpdateRecord
  /** The same update was under way already. */
  readonly again: boolean
  /** The same update, but its window, address or approval changed: worth a step at once. */
  readonly renewed?: true
}

export interface Refused {
  readonly accepted: false
  /** `update.already-installed`, `update.rolled-back-before`, `update.another-under-way`, ... */
  readonly findings: readonly [Finding, ...Finding[]]
}

/** What a step ended in. */
export type CycleState =
  /** No update is under way. */
  | { readonly state: 'idle' }
  | Waiting
  /** The slot is armed and the restart was asked for. The process will be ended by it. */
  | { readonly state: 'rebooting'; readonly record: UpdateRecord }
  /** The new slot runs, or ran and fell back: the health gate judges, the cycle keeps out. */
  | { readonly state: 'with-gate'; readonly record: UpdateRecord }
  /** Final: reported as `failed`, the record is cleared. */
  | { readonly state: 'failed'; readonly record: UpdateRecord; readonly finding: Finding; readonly wire: string }
  /** Final: cancelled from outside; the record is cleared. */
  | { readonly state: 'cancelled'; readonly record: UpdateRecord; readonly reason: string }

export interface Waiting {
  readonly state: 'waiting'
  readonly record: UpdateRecord
  readonly for: WaitReason
  /** When to step again at the latest; null: only something from outside helps (approval). */
  readonly until: Date | null
  /** Why, for people: both values and the remedy. */
  readonly finding: Finding
}

/**
 * approval: a person; window: the maintenance window opens at `until`; back-off: the network, the server or the disk
 * failed, it is tried again; space: the data partition is full (triples only); clock: the clock cannot be right, so windows
 * and expiry cannot be judged; trial: the running slot is not confirmed yet; turn: another process is stepping; stopped:
 * the caller's signal, the next step goes on.
 */
export type WaitReason = 'approval' | 'window' | 'back-off' | 'space' | 'clock' | 'trial' | 'turn' | 'stopped'

export interface CurrentUpdate {
  readonly record: UpdateRecord | null
  /** What the last step said; null before the first one. */
  readonly last: CycleState | null
  /** Bytes written so far of the update under way, while a step writes. */
  readonly progress: { readonly doneBytes: number; readonly totalBytes: number } | null
}

/** What the cycle needs besides the appliance; cycle-deps.ts gives the real ones. */
export interface CycleDeps {
  readonly downloads: Downloads
  /** The running system's probes, before the switch. */
  probe(settings: DeviceSettings, signal: AbortSignal): Promise<ProbeResults>
  /** When these programs were built: a clock before it is wrong. */
  readonly builtAt: Date
  /** Progress and steps of the writing, for people; not for the server. */
  emit(event: JobEvent): void
  /** 0 to 1, for the spread of back-offs. */
  random(): number
  /** The right to step (turn.ts). @throws EngineError `update.busy` while another process has it */
  takeTurn(): Promise<AsyncDisposable>
  /** Runs `change`, a reading and writing of the record, while no other process is in it. */
  changeRecord<T>(change: () => Promise<T>): Promise<T>
}

/** The way of `.img` and `.iso` with their `.sha256` and `.asc`: through a file on the data partition (fetch.ts). */
export interface Downloads {
  /**
   * Path of the complete image, its two files beside it. Continues an earlier download.
   * @throws EngineError `download.*`, `format.*`, `job.cancelled`
   */
  fetch(offer: UpdateOffer, signal: AbortSignal): Promise<string>
  /** Removes everything that was downloaded. */
  discard(): Promise<void>
}
