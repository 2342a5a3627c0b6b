// Looks for kernel and initrd in a system image, with the decompressors that this station has.
import { EngineError } from '../base/errors.ts'
import type { ReadAt } from '../engine/steps/context.ts'
import { checkSlotImage, type SlotImageReport } from '../format/slot-image.ts'
import { squashfsDecompressors } from './decompressors.ts'

export const checkContent = (read: ReadAt, size: number): Promise<SlotImageReport> =>
  checkSlotImage(read, size, squashfsDecompressors)

/** @throws EngineError the first finding, `image.*` */
export async function checkSlotContent(read: ReadAt, size: number): Promise<'found' | 'unchecked'> {
  const { findings, kernel } = await checkContent(read, size)
  if (findings.length > 0) throw new EngineError(findings[0].code, findings[0].details)
  return kernel === 'present' ? 'found' : 'unchecked'
}
