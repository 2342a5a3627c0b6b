// Why a disk is or is not offered as a target. Pure; the inventory found the facts, the same rules guard every plan.
import { type Finding, finding } from '#base/errors.ts'
import type { DiskInfo } from '#model/disk.ts'
import type { DiskObservation } from '#model/observation.ts'
import { otherSlot, type Slot } from '#model/slot.ts'

export interface Offer {
  /** True when there is no reason against it. */
  readonly offered: boolean
  /** Reasons against it: `disk.system`, `disk.mounted`, `disk.in-use`, `disk.read-only`, `disk.too-small`, `disk.sector-size`. */
  readonly reasons: readonly Finding[]
  /** Worth showing, but no reason against it: `disk.removable`. */
  readonly notes: readonly Finding[]
}

/**
 * @param needed bytes that the layout or image needs; null when that is judged elsewhere (resolveLayout)
 */
export function offerDisk(info: DiskInfo, needed: number | null): Offer {
  const disk = info.path
  const found = info.identity.size
  const reasons: Finding[] = []
  const mounts = info.mounts.join(', ')
  const holders = info.holders.join(', ')
  if (info.system) reasons.push(finding('disk.system', { disk, found: mounts || holders || 'the running system' }))
  else if (info.mounts.length > 0) reasons.push(finding('disk.mounted', { disk, found: mounts }))
  if (!info.system && info.holders.length > 0) reasons.push(finding('disk.in-use', { disk, found: holders }))
  if (info.readOnly) reasons.push(finding('disk.read-only', { disk, reason: 'the device says so' }))
  if (info.sectorSize !== 512 && info.sectorSize !== 4096)
    reasons.push(finding('disk.sector-size', { found: info.sectorSize }))
  if (needed !== null && found < needed) reasons.push(finding('disk.too-small', { disk, found, needed }))
  const notes = info.removable ? [finding('disk.removable', { disk })] : []
  return { offered: reasons.length === 0, reasons, notes }
}

/**
 * The reasons against changing `slot` of a disk. On the appliance's own disk, being in use is none, but the running slot is
 * never touched (`plan.slot-running`), and while it is not the confirmed one it is a trial itself: the other slot is what
 * the machine falls back to (`plan.slot-unproven`).
 */
export function reasonsAgainst(seen: DiskObservation, slot: Slot): readonly Finding[] {
  const { running, boot } = seen
  if (running === undefined) return offerDisk(seen.disk, null).reasons
  const { reasons } = offerDisk({ ...seen.disk, system: false, mounts: [], holders: [] }, null)
  if (slot === running) return [...reasons, finding('plan.slot-running', { slot, other: otherSlot(slot) })]
  const good = boot?.state.good ?? null
  if (!boot || good === running) return reasons
  return [...reasons, finding('plan.slot-unproven', { running, good: good ?? 'none', slot })]
}
