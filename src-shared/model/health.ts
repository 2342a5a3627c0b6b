// Health: what a probe is, what it said, and what is kept of a trial boot that ended in a fall-back.
import type { Slot } from './slot-name.ts'
import type { UpdateOrigin } from './update.ts'

/** What a built-in probe may look at. */
export type BuiltInProbe = 'network' | 'ntp' | 'disk' | 'mounts' | 'config' | 'database' | 'api' | 'agent'

/** One entry of the probe list (YAML, docs/format/probes.md). */
export interface ProbeSpec {
  /** Unique; the key in the results. */
  readonly name: string
  readonly run:
    | { readonly kind: 'command'; readonly argv: readonly string[] }
    | { readonly kind: 'builtin'; readonly probe: BuiltInProbe; readonly options: Readonly<Record<string, unknown>> }
  readonly timeoutMs: number
  /** An advisory probe that fails makes the system "degraded", never unhealthy. */
  readonly critical: boolean
  /** Keep trying until it passes or this long after the gate began (services that start slowly); 0 = one try. */
  readonly retryForMs: number
}

/** The specification's result shape, with our additions after `usage_percent`. */
export interface ProbeResult {
  readonly passed: boolean
  readonly error?: string
  readonly usage_percent?: number
  readonly critical: boolean
  readonly duration_ms: number
  /** True when the same probe failed before the update as well: it does not count against the new slot. */
  readonly failed_before?: boolean
}

export type ProbeResults = Readonly<Record<string, ProbeResult>>

/** healthy; degraded (only advisory or earlier failures); unhealthy (a critical probe failed). */
export type Health = 'healthy' | 'degraded' | 'unhealthy'

export function healthOf(results: ProbeResults): Health {
  const failed = Object.values(results).filter((result) => !result.passed)
  if (failed.some((result) => result.critical && !result.failed_before)) return 'unhealthy'
  return failed.length > 0 ? 'degraded' : 'healthy'
}

/** Why the appliance last fell back; on the ESP with the slot records, so that it can be read offline. */
export interface Fallback {
  readonly slot: Slot
  readonly version: string | null
  /** ISO 8601 UTC, when the fall-back was noticed. */
  readonly at: string
  /** Boots of the trial that were counted, 1 to 3. */
  readonly boots: number
  /** Boots in which the gate began. */
  readonly gated: number
  /**
   * boot-failed: the system did not confirm itself; unhealthy: the gate said no; gate-failed: the gate could not do its
   * work; operator: a person went back.
   */
  readonly reason: 'boot-failed' | 'unhealthy' | 'unloadable' | 'gate-failed' | 'operator'
  /** Kernel's boot id of the last boot that reached the gate. */
  readonly bootId: string | null
  /** The update that fell back, and the digest of what it had written: what tells it from another one. Null: not known. */
  readonly updateId?: string | null
  readonly sha256?: string | null
  /** Failed probes of the last boot that reached the gate: name and what it said, at most 8 of 120 characters. */
  readonly probes: readonly { readonly name: string; readonly error: string }[]
}

const MAX_PROBES = 8

/** Control and format characters would cost six bytes each in JSON, and a terminal its mind. */
const shortened = (text: string, length: number): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ')
    .slice(0, length)
    .toWellFormed()

/** Cut to what the slot record keeps: 8 probes, names of 40 and errors of 120 characters. */
export const boundFallback = (fallback: Fallback): Fallback => ({
  slot: fallback.slot,
  version: fallback.version === null ? null : shortened(fallback.version, 64),
  at: shortened(fallback.at, 40),
  boots: Math.max(0, Math.trunc(fallback.boots)),
  gated: Math.max(0, Math.trunc(fallback.gated)),
  reason: fallback.reason,
  bootId: fallback.bootId === null ? null : shortened(fallback.bootId, 40),
  ...(fallback.updateId && { updateId: shortened(fallback.updateId, 200) }),
  ...(fallback.sha256 && { sha256: shortened(fallback.sha256, 64) }),
  probes: fallback.probes
    .slice(0, MAX_PROBES)
    .map(({ name, error }) => ({ name: shortened(name, 40), error: shortened(error, 120) })),
})

/**
 * The trial of a slot, on the ESP since it was armed: which update it belongs to, and what its gate could not put on the
 * data partition. It counts while the slot holds what it held then (digest and time of writing, compared for equality).
 */
export interface TrialNote {
  readonly slot: Slot
  readonly sha256: string
  readonly writtenAt: string
  /** Null: nobody's update; somebody chose the slot by hand. */
  readonly updateId: string | null
  readonly origin: UpdateOrigin
  readonly rolloutId: string | null
  readonly orderId: string | null
  /** Boots in which the gate began and failed, and why the last one did. */
  readonly gated: number
  readonly error: string | null
}

export const boundTrial = (note: TrialNote): TrialNote => ({
  ...note,
  error: note.error === null ? null : shortened(note.error, 120),
})

const REASONS: Readonly<Record<Fallback['reason'], string>> = {
  'boot-failed': 'the system did not come up, or gave no word of its health check',
  unhealthy: 'the health check failed',
  'gate-failed': 'the health check could not do its work',
  unloadable: 'kernel or initrd could not be loaded',
  operator: 'a person went back',
}

/** Sentences for people: what fell back, when and why; one line per failed probe. */
export function describeFallback({ slot, version, at, boots, gated, reason, bootId, probes }: Fallback): string[] {
  const tries =
    reason === 'operator'
      ? ''
      : `, ${boots === 1 ? '1 start' : `${boots} starts`} counted, ${gated} reached the health check`
  const boot = bootId === null ? '' : ` (boot ${bootId})`
  return [
    `Last fall-back: from slot ${slot}, version ${version ?? 'unknown'}, at ${at}: ${REASONS[reason]}${tries}${boot}`,
    ...probes.map(({ name, error }) => `    ${name}: ${error}`),
  ]
}

/** What each boot's gate leaves for the next one to read (`update/gate.json`, on the data partition, seen by both slots). */
export interface GateMemory {
  readonly slot: Slot
  readonly version: string | null
  /** The update whose trial it was; null or absent: none. */
  readonly updateId?: string | null
  readonly bootId: string
  readonly at: string
  /** Boots of this trial that reached the gate so far; 0 when the slot was no trial. */
  readonly gated: number
  /** Of the last of these boots whose probes came to an end. */
  readonly results: ProbeResults | null
}
