// Which product the images in the slots of a disk say that they are, for a plan that would replace them. Only where the record of
// the slots does not say it; what cannot be read says nothing, and is no reason against making the disk anew.
import { isEngineError } from '#base/errors.ts'
import type { BlockDevice } from '#engine/ports.ts'
import type { DiskObservation } from '#model/observation.ts'
import { SLOTS, type Slot } from '#model/slot.ts'
import { productIn } from '#plan/common.ts'
import { checkContent } from './content-check.ts'

/** The same observation with the images' own word. @throws EngineError `disk.lost` */
export async function withSlotProducts(seen: DiskObservation, device: BlockDevice | null): Promise<DiskObservation> {
  if (!device || !seen.slots) return seen
  const slotProducts: Partial<Record<Slot, string>> = {}
  for (const slot of SLOTS) {
    if (productIn(seen, slot) !== null) continue
    const { offset, length } = seen.slots[slot]
    const product = await productAt(device, offset, length)
    if (product !== null) slotProducts[slot] = product
  }
  return { ...seen, slotProducts }
}

async function productAt(device: BlockDevice, offset: number, length: number): Promise<string | null> {
  try {
    const { facts } = await checkContent((at, target) => device.read(offset + at, target), length)
    return facts?.product ?? null
  } catch (error) {
    if (isEngineError(error, 'disk.read-failed')) return null
    throw error
  }
}
