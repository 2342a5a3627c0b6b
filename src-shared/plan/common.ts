// What several planners check and say alike.
import { type Finding, finding } from '../base/errors.ts'
import type { DiskObservation, Extent } from '../model/observation.ts'
import type { Plan, ReleaseFacts } from '../model/plan.ts'
import { SLOTS, type Slot, type SlotOverride } from '../model/slot.ts'

export const targetOf = (seen: DiskObservation): Plan['disk'] => ({
  serial: seen.disk.identity.serial,
  wwn: seen.disk.identity.wwn,
  size: seen.disk.identity.size,
  busPath: seen.disk.identity.busPath,
  path: seen.disk.path,
  model: seen.disk.model,
  sectorSize: seen.disk.sectorSize,
})

export function checkImageFits(slot: Slot, at: Extent, release: ReleaseFacts): Finding[] {
  if (!release.system || release.system.size <= at.length) return []
  return [finding('plan.image-too-large', { slot, imageSize: release.system.size, slotSize: at.length })]
}

/** Highest release counter of this product that the disk's own record knows of. */
export function counterOn(seen: DiskObservation, product: string | null): number | null {
  const counters = SLOTS.flatMap((slot) => {
    const record = seen.boot?.records[slot]
    if (record?.state !== 'written' || record.content.counter === null) return []
    return product === null || record.content.product === product ? [record.content.counter] : []
  })
  return counters.length > 0 ? Math.max(...counters) : null
}

/** The override that is recorded on the disk: only when the reason was really needed. */
export function overrideFor(
  seen: DiskObservation,
  release: ReleaseFacts,
  reason: string | null,
  slot: Slot,
  request: { readonly at: string; readonly by: string },
): SlotOverride | null {
  const known = counterOn(seen, release.product)
  if (reason === null || known === null || release.counter === null || release.counter >= known) return null
  return { slot, action: `release counter ${release.counter} below ${known}`, reason, at: request.at, by: request.by }
}

/** Names from a disk are shown without control, bidirectional and zero-width characters, 64 at the most. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?').slice(0, 64)
