// Pure planner: an A/B disk and an authenticated release -> the steps that write one slot and keep everything else.
// The slot is recorded Incomplete before its first byte changes, and as written only after it was read back.
import { explain, type Finding, finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { verdictOf } from '#model/boot-state.ts'
import type { Manifest } from '#model/manifest.ts'
import type { BootObservation, DiskObservation, Extent } from '#model/observation.ts'
import type { FlashRequest, Plan, ReleaseFacts, Step } from '#model/plan.ts'
import { otherSlot, type Slot } from '#model/slot.ts'
import { checkReleaseRules, claimsOf, type ReleaseSituation } from '#trust/release-rules.ts'
import { checkImageFits, counterOn, overrideFor, productIn, targetOf } from './common.ts'
import { checkImageOnDisk } from './image-fits.ts'
import { reasonsAgainst } from './offer.ts'
import { sealPlan } from './plan-id.ts'
import { slotText } from './plan-text.ts'

/**
 * Plans the writing of one slot; `machine` is what the release must be for. Refusals: everything of reasonsAgainst, `plan.not-ab-disk`, `plan.no-system-image`,
 * `plan.image-too-large`, `plan.only-slot`, `image.layout-mismatch`, and the rules of checkReleaseRules.
 */
export function planFlash(
  request: FlashRequest,
  seen: DiskObservation,
  release: ReleaseFacts,
  manifest: Manifest | null,
  machine: Pick<ReleaseSituation, 'product' | 'hardware'> = {},
): Result<Plan> {
  const refusals: Finding[] = [...reasonsAgainst(seen, request.slot)]
  if (!seen.slots || !seen.esp || !seen.boot) return refuse(...refusals, notAbDisk(seen))
  const { slot } = request
  const at = seen.slots[slot]
  if (!release.system) refusals.push(finding('plan.no-system-image', { release: release.digest.slice(0, 16) }))
  refusals.push(...checkImageFits(slot, at, release))
  const installed = { ...installedOn(seen, seen.boot), counter: counterOn(seen, release.product) }
  const { at: now, allowOlder } = request
  // A bundle's rules are its manifest's.
  const claims = manifest ?? (release.kind === 'triple' ? claimsOf(release) : null)
  if (claims) refusals.push(...checkReleaseRules(claims, { ...machine, now: new Date(now), installed, allowOlder }))
  refusals.push(...checkImageOnDisk(release, seen))
  const retreat = leaveSlot(slot, seen.esp, seen.boot)
  if (!retreat.ok) refusals.push(...retreat.refusals)
  if (refusals.length > 0 || !retreat.ok || !release.system) return refuse(...refusals)

  const override = overrideFor(installed, release, request.allowOlder, slot, request)
  const { size, sha256 } = release.system
  // On the appliance its standby slot is marked bad before anything else, so that nobody selects it half-written.
  const takenOut: Step[] =
    seen.running === undefined
      ? []
      : [{ type: 'boot-state', esp: seen.esp, change: { kind: 'bad', slot }, override: null }]
  const steps: Step[] = [
    ...retreat.value,
    ...takenOut,
    { type: 'record-slot', esp: seen.esp, slot, state: 'incomplete', override: null },
    { type: 'write-image', slot, at, size, sha256, changedOnly: request.changedOnly },
    { type: 'boot-state', esp: seen.esp, change: { kind: 'reset', slot }, override: null },
    { type: 'record-slot', esp: seen.esp, slot, state: 'written', override },
  ]
  return ok(
    sealPlan({
      request,
      disk: targetOf(seen),
      release,
      boot: null,
      erased: [slotText(slot, seen.boot.records[slot])],
      kept: [{ kind: 'slot', slot: otherSlot(slot) }, { kind: 'esp' }, { kind: 'config-and-data' }],
      steps,
    }),
  )
}

/** The first thing that is wrong with the table, else what is there instead. */
function whyNot({ tableFindings, slots, content }: DiskObservation): string {
  if (tableFindings.length > 0) return explain(tableFindings[0]).message.replace(/\.$/, '')
  if (slots) return 'its ESP cannot be read'
  return content === 'blank'
    ? 'it is blank'
    : `its content is ${content === 'unknown' ? 'of an unknown kind' : content.toUpperCase()}`
}

export const notAbDisk = (seen: DiskObservation): Finding =>
  finding('plan.not-ab-disk', {
    disk: seen.disk.path,
    found: whyNot(seen),
  })

/** Product and version that the disk boots by now, as far as its record tells; the product also by the images' own word. */
function installedOn(seen: DiskObservation, { state, records }: BootObservation) {
  const current = state.good ?? state.wanted ?? 'A'
  const slots = [current, otherSlot(current)]
  const product = slots.map((slot) => productIn(seen, slot)).find((found) => found !== null) ?? null
  for (const slot of slots) {
    const record = records[slot]
    if (record.state === 'written') return { product, version: record.content.version }
  }
  return { product, version: null }
}

/**
 * Steps that make the boot loader stop wanting `slot` before it is overwritten. A slot that is the last good one or the
 * wanted one may only be written when the other slot is Good and can be booted instead, or when it is itself not complete
 * (nothing is lost then): the old system is never touched before the new one has proved itself.
 */
function leaveSlot(slot: Slot, esp: Extent, boot: BootObservation): Result<Step[]> {
  const { state, records } = boot
  const needed = state.wanted === slot || state.good === slot || (state.wanted === null && state.good === null)
  if (!needed) return ok([])
  const other = otherSlot(slot)
  const verdict = verdictOf(other, records, state).verdict
  if (verdict === 'Good' || state.good === other)
    return ok([{ type: 'boot-state', esp, change: { kind: 'select', slot: other }, override: null }])
  if (records[slot].state === 'empty' || records[slot].state === 'incomplete') return ok([])
  return refuse(finding('plan.only-slot', { slot, other, verdict }))
}
