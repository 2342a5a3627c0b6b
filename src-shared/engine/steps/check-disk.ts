// Is the disk as large as it claims, before the first content and at the end? A disk that is not puts what is written far
// behind onto the slots, long after they were read back.
import { isZero } from '#base/bytes.ts'
import { EngineError, throwIfAborted } from '#base/errors.ts'
import type { Extent } from '#model/observation.ts'
import type { Step } from '#model/plan.ts'
import type { Evidence } from '../ports.ts'
import type { StepContext } from './context.ts'

type CheckDiskStep = Extract<Step, { type: 'check-disk' }>

/** Puts the marks and reads them back. @throws EngineError `write.lost-afterwards` */
export async function probeDisk({ marks, device, signal, progress }: StepContext): Promise<Evidence> {
  await marks.place({ signal, onProgress: (done, total) => progress('write', done, total) })
  await marks.check({ signal, onProgress: (done, total) => progress('read-back', done, total) })
  const { bytes } = marks
  return { bytesWritten: bytes, bytesReadBack: bytes, uncached: device.direct !== false }
}

/**
 * Reads what is left of the marks now that everything else is on the disk; then the free space, where the table will be, is
 * made zero. @throws EngineError `write.lost-afterwards`
 */
export async function checkDisk(step: CheckDiskStep, context: StepContext): Promise<Evidence> {
  const { marks, device, signal, progress } = context
  const { bytes } = marks
  await marks.check({ signal, onProgress: (done, total) => progress('read-back', done, total) })
  if (!step.marksStay) await marks.clear({ signal })
  for (const { offset, length } of step.blank) await device.zero(offset, length)
  await device.flush()
  for (const place of step.blank) await checkBlank(place, context)
  return { bytesReadBack: bytes, uncached: device.direct !== false }
}

/** At most a few MiB; read at once. */
async function checkBlank({ offset, length }: Extent, { device, signal }: StepContext): Promise<void> {
  throwIfAborted(signal)
  const found = device.allocate(length)
  await device.read(offset, found)
  if (isZero(found)) return
  const place = `the free space at byte ${offset}`
  throw new EngineError('write.lost-afterwards', { place, expected: 'zeroes', found: 'other bytes' })
}
