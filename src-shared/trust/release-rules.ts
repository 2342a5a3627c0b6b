// What an authentic manifest must fulfil to be used here and now (docs/trust.md). Pure: time and what is installed are
// arguments. A signature says who made a release; these rules say whether it is the right one.
import { type Finding, finding } from '../base/errors.ts'
import { toIsoTime } from '../model/iso-time.ts'
import type { Manifest } from '../model/manifest.ts'
import { compareVersions } from '../model/version.ts'

export interface ReleaseSituation {
  readonly now: Date
  /** Product that is wanted; any when absent. */
  readonly product?: string
  /** DMI product name of the machine; not checked when unknown. */
  readonly hardware?: string
  /** What the disk or device says is installed. */
  readonly installed?: {
    readonly product: string | null
    readonly version: string | null
    readonly counter: number | null
  }
  /** Reason for accepting an older counter; the caller records it on the disk. */
  readonly allowOlder?: string | null
}

/**
 * Everything that speaks against using the release: `release.expired`, `release.from-future`, `release.wrong-product`,
 * `release.wrong-hardware`, `release.older-counter`, `release.minimum-version`.
 */
export function checkReleaseRules(manifest: Manifest, situation: ReleaseSituation): Finding[] {
  const { now, product, hardware, installed, allowOlder } = situation
  const findings: Finding[] = []
  const at = toIsoTime(now)
  if (manifest.expires !== null && new Date(manifest.expires) <= now)
    findings.push(finding('release.expired', { expired: manifest.expires, now: at }))
  if (new Date(manifest.created) > now)
    findings.push(finding('release.from-future', { created: manifest.created, now: at }))
  for (const expected of new Set([product, installed?.product]))
    if (typeof expected === 'string' && expected !== manifest.product)
      findings.push(finding('release.wrong-product', { expected, found: manifest.product }))
  if (hardware !== undefined && manifest.hardware.length > 0 && !manifest.hardware.includes(hardware))
    findings.push(
      finding('release.wrong-hardware', { expected: hardware || 'unknown', found: manifest.hardware.join(', ') }),
    )
  const counter = installed?.counter ?? null
  if (counter !== null && manifest.counter < counter && !allowOlder)
    findings.push(finding('release.older-counter', { expected: counter, found: manifest.counter }))
  const version = installed?.version ?? null
  if (version !== null && manifest.minimumVersion !== null && compareVersions(version, manifest.minimumVersion) < 0)
    findings.push(finding('release.minimum-version', { expected: manifest.minimumVersion, found: version }))
  return findings
}
