// What an authentic manifest must fulfil to be used here and now (docs/trust.md). Pure: time and what is installed are
// arguments. A signature says who made a release; these rules say whether it is the right one.
import { type Finding, finding } from '#base/errors.ts'
import { toIsoTime } from '#model/iso-time.ts'
import type { ReleaseFacts } from '#model/plan.ts'
import { compareVersions } from '#model/version.ts'

/** What a release says of itself: a manifest, or the image of a triple as far as it does. */
export interface ReleaseClaims {
  readonly product: string | null
  readonly hardware: readonly string[]
  readonly version: string | null
  /** Null: the release has no counter, so that only its version tells what is newer. */
  readonly counter: number | null
  readonly created: string | null
  readonly expires: string | null
  readonly minimumVersion: string | null
}

/** Of a triple: the image's own word (`/etc/twinslot/image.json`), which its signature covers. */
export const claimsOf = ({ product, hardware = [], version, counter }: ReleaseFacts): ReleaseClaims => ({
  ...{ product, hardware, version, counter, created: null, expires: null, minimumVersion: null },
})

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
  /** Reason for accepting an older counter or version, or none; the caller records it on the disk. */
  readonly allowOlder?: string | null
}

/**
 * Everything that speaks against using the release: `release.expired`, `release.from-future`, `release.wrong-product`,
 * `release.wrong-hardware`, `release.older-counter`, `release.older-version`, `release.no-version`,
 * `release.minimum-version`.
 */
export function checkReleaseRules(manifest: ReleaseClaims, situation: ReleaseSituation): Finding[] {
  const { now, product, hardware, installed, allowOlder } = situation
  const findings: Finding[] = []
  const at = toIsoTime(now)
  if (manifest.expires !== null && new Date(manifest.expires) <= now)
    findings.push(finding('release.expired', { expired: manifest.expires, now: at }))
  if (manifest.created !== null && new Date(manifest.created) > now)
    findings.push(finding('release.from-future', { created: manifest.created, now: at }))
  for (const expected of new Set([product, installed?.product]))
    if (typeof expected === 'string' && manifest.product !== null && expected !== manifest.product)
      findings.push(finding('release.wrong-product', { expected, found: manifest.product }))
  if (hardware !== undefined && manifest.hardware.length > 0 && !manifest.hardware.includes(hardware))
    findings.push(
      finding('release.wrong-hardware', { expected: hardware || 'unknown', found: manifest.hardware.join(', ') }),
    )
  if (!allowOlder) findings.push(...loweringOf(manifest, installed).map(({ code, details }) => ({ code, details })))
  const version = installed?.version ?? null
  if (version !== null && manifest.minimumVersion !== null && compareVersions(version, manifest.minimumVersion) < 0)
    findings.push(finding('release.minimum-version', { expected: manifest.minimumVersion, found: version }))
  return findings
}

/**
 * What of the disk's memory the release would lower or lose: its counter (none counts as 0), and, unless the counter rises,
 * its version. `action` is what the record says when somebody has a reason for it.
 */
export function loweringOf(
  { counter, version }: Pick<ReleaseClaims, 'counter' | 'version'>,
  installed: ReleaseSituation['installed'],
): readonly (Finding & { readonly action: string })[] {
  const known = installed?.counter ?? null
  if (known !== null && (counter ?? 0) < known) {
    const found = counter ?? 'none'
    const action = `release counter ${found} below ${known}`
    return [{ ...finding('release.older-counter', { expected: known, found }), action }]
  }
  const expected = installed?.version ?? null
  if (expected === null || (counter !== null && known !== null && counter > known)) return []
  if (version === null)
    return [{ ...finding('release.no-version', { expected }), action: `no version where ${expected} was` }]
  if (compareVersions(version, expected) >= 0) return []
  return [
    {
      ...finding('release.older-version', { expected, found: version }),
      action: `version ${version} below ${expected}`,
    },
  ]
}
