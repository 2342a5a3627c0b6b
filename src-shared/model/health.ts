// Health: what a probe is, what it said, and what is kept of a trial boot that ended in a fall-back.
import type { Slot } from './slot.ts'

/** What a built-in probe may look at. */
export type BuiltInProbe = 'network' | 'ntp' | 'disk' | 'mounts' | 'config' | 'database' | 'api' | 'agent'

/** One entry of the probe list (YAML, docs/format/device.md). */
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
  /** boot-failed: the system never reached its gate; unhealthy: the gate said no; operator: a person went back. */
  readonly reason: 'boot-failed' | 'unhealthy' | 'unloadable' | 'operator'
  /** Kernel's boot id of the last boot that reached the gate. */
  readonly bootId: string | null
  /** Failed probes of the last boot that reached the gate: name and what it said, at most 8 of 120 characters. */
  readonly probes: readonly { readonly name: string; readonly error: string }[]
}
