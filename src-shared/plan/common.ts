// What several planners check and say alike.
import { type Finding, finding } from '#base/errors.ts'
import { entriesOf, roomFor } from '#model/config-path.ts'
import type { DiskObservation, Extent } from '#model/observation.ts'
import type { Plan, ReleaseFacts } from '#model/plan.ts'
import { SLOTS, type Slot, type SlotOverride } from '#model/slot.ts'
import { loweringOf, type ReleaseSituation } from '#trust/release-rules.ts'

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

/** Whether the files for /config fit into their partition. */
export function checkRoom(
  files: readonly { readonly path: string; readonly size: number }[],
  name: string,
  room: { readonly bytes: number; readonly entries: number },
): Finding[] {
  const [needed, entries] = [roomFor(files), entriesOf(files.map(({ path }) => path))]
  if (needed <= room.bytes && entries <= room.entries) return []
  return [finding('config.no-room', { needed, entries, name, found: room.bytes, limit: Math.max(0, room.entries) })]
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
  installed: ReleaseSituation['installed'],
  release: ReleaseFacts,
  reason: string | null,
  slot: Slot,
  request: { readonly at: string; readonly by: string },
  others: readonly HeldProduct[] = [],
): SlotOverride | null {
  const needed = [...loweringOf(release, installed), ...others].map(({ action }) => action)
  if (reason === null || needed.length === 0) return null
  return { slot, action: needed.join('; '), reason, at: request.at, by: request.by }
}

/** Product of a slot: by its record, else by the word of the image in it; null where nothing says one. */
export function productIn({ boot, slotProducts }: DiskObservation, slot: Slot): string | null {
  const record = boot?.records[slot]
  const recorded = record?.state === 'written' ? record.content.product : null
  return recorded ?? slotProducts?.[slot] ?? null
}

export interface HeldProduct {
  readonly found: string
  readonly wanted: string
  /** What the record says when somebody has a reason for it. */
  readonly action: string
}

/** Other products that the disk held. A release that says no product contradicts nothing. */
export function otherProducts(seen: DiskObservation, product: string | null): readonly HeldProduct[] {
  if (product === null) return []
  const held = SLOTS.map((slot) => productIn(seen, slot)).filter((found) => found !== null && found !== product)
  const wanted = printable(product)
  return [...new Set(held.map((found) => printable(found ?? '')))].map((found) => ({
    ...{ found, wanted },
    action: `product ${wanted} where ${found} was`,
  }))
}

/** Of paths and of what people wrote. */
export const LONG_TEXT = 500

/** Names from a disk are shown without control, bidirectional and zero-width characters, `most` at the most; a cut is marked. */
export function printable(text: string, most = 64): string {
  const shown = [...text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')]
  return shown.length > most ? `${shown.slice(0, most - 1).join('')}…` : shown.join('')
}
