// Looks for kernel and initrd in a system image, with the decompressors that this station has.
import { isZero } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import type { ReadAt } from '#engine/steps/context.ts'
import { checkSlotImage, type SlotImageCheck } from '#format/slot-image.ts'
import { squashfsDecompressors } from '../codec/decompressors.ts'

export const checkContent = (read: ReadAt, size: number): Promise<SlotImageCheck> =>
  checkSlotImage(read, size, squashfsDecompressors)

/** What follows the end of a file system in its image: signed and written like the rest, and mounted by nobody. */
export interface BehindImage {
  /** Bytes of the file system. */
  readonly used: number
  /** Bytes behind it. */
  readonly bytes: number
}

/** mksquashfs fills up the last block of 4 KiB with zeroes. */
const PADDING = 4096

/** Null where nothing follows but a tool's padding, or where the file system does not say where it ends. */
export async function behindImage(read: ReadAt, size: number, used?: number): Promise<BehindImage | null> {
  if (used === undefined || used >= size) return null
  const bytes = size - used
  if (bytes < PADDING) {
    const rest = new Uint8Array(bytes)
    await read(used, rest)
    if (isZero(rest)) return null
  }
  return { used, bytes }
}

export const describeBehind = ({ used, bytes }: BehindImage): string =>
  `note: ${bytes} bytes follow the end of the file system at ${used}; they are signed and written, but nothing mounts them`

/** @throws EngineError the first finding, `image.*` */
export async function checkSlotContent(read: ReadAt, size: number): Promise<'found' | 'unchecked'> {
  const { findings, kernel } = await checkContent(read, size)
  if (findings.length > 0) throw new EngineError(findings[0].code, findings[0].details)
  return kernel === 'present' ? 'found' : 'unchecked'
}
