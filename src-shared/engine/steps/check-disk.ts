// The last look before the partition table: is everything signed still on the disk, now that the rest was written too? A
// disk that claims more room than it has puts what is written far behind onto the slots, long after they were read back.
import { equalBytes, isZero, utf8 } from '#base/bytes.ts'
import { EngineError, throwIfAborted } from '#base/errors.ts'
import type { Extent } from '#model/observation.ts'
import type { Step } from '#model/plan.ts'
import type { Evidence } from '../ports.ts'
import type { StepContext } from './context.ts'
import { digestOfSlot } from './slot.ts'

type CheckDiskStep = Extract<Step, { type: 'check-disk' }>

/**
 * The free space, where the table will be, must be zero as the wipe left it. Then it gets a mark, so that a table which
 * would land in a slot shows before it is written, and every slot is read wholly against its signed digest. At last the
 * free space is zero again.
 * @throws EngineError `write.lost-afterwards`
 */
export async function checkDisk(step: CheckDiskStep, context: StepContext): Promise<Evidence> {
  const { device } = context
  for (const place of step.blank) await checkBlank(place, 'zeroes', isZero, context)
  for (const { offset, length } of step.blank) await device.write(offset, markOf(offset, length, context))
  await device.flush()

  const total = step.slots.reduce((sum, { size }) => sum + size, 0)
  const started = context.pace.now()
  const digests: Record<string, string> = {}
  let before = 0
  for (const { slot, at, size, sha256 } of step.slots) {
    const found = await digestOfSlot({ at, size }, context, (done) =>
      context.progress('read-back', before + done, total),
    )
    if (found !== sha256)
      throw new EngineError('write.lost-afterwards', { place: `slot ${slot}`, expected: sha256, found })
    before += size
    digests[`sha256${slot}`] = found
  }
  const readBackMs = Math.round(context.pace.now() - started)

  for (const place of step.blank) {
    const mark = markOf(place.offset, place.length, context)
    await checkBlank(place, 'the mark of this job', (found) => equalBytes(found, mark), context)
  }
  for (const { offset, length } of step.blank) await device.zero(offset, length)
  await device.flush()
  for (const place of step.blank) await checkBlank(place, 'zeroes', isZero, context)
  return { ...digests, bytesReadBack: total, uncached: device.direct !== false, readBackMs }
}

/** At most one MiB; read at once. */
async function checkBlank(
  { offset, length }: Extent,
  expected: string,
  isRight: (found: Uint8Array) => boolean,
  { device, signal }: StepContext,
): Promise<void> {
  throwIfAborted(signal)
  const found = device.allocate(length)
  await device.read(offset, found)
  if (isRight(found)) return
  const place = `the free space at byte ${offset}`
  throw new EngineError('write.lost-afterwards', { place, expected, found: 'other bytes' })
}

/** Plain text that no image contains and nothing boots: the plan's id and the place, again and again. */
function markOf(offset: number, length: number, { device, plan }: StepContext): Uint8Array {
  const line = utf8(`twinslot checks this disk: plan ${plan.id}, byte ${offset}\n`)
  const mark = device.allocate(length)
  for (let at = 0; at < length; at += line.length) mark.set(line.subarray(0, length - at), at)
  return mark
}
