// The doctor's step on the record of the slots: reads what is there and records only what was proved by a digest. The boot
// loader does not read the record, so writing it never changes what boots; a slot of unknown content is marked bad only
// when the other one is good.
import { isZero, MIB } from '../../base/bytes.ts'
import { throwIfAborted } from '../../base/errors.ts'
import { markBad, verdictOf } from '../../model/boot-state.ts'
import type { Extent } from '../../model/observation.ts'
import type { Step } from '../../model/plan.ts'
import { otherSlot, type Slot, type SlotContent, type SlotRecord, type SlotRecords } from '../../model/slot.ts'
import { applyTransition, changeRecords, readBootFiles } from '../boot-files.ts'
import type { Evidence } from '../ports.ts'
import { contentOf, espOf } from './boot.ts'
import type { StepContext } from './context.ts'

type IdentifyStep = Extract<Step, { type: 'identify-slots' }>

const CHUNK = 4 * MIB

/** @throws EngineError `boot.write-differs`, `disk.*`, `fat.*`, `job.cancelled` */
export async function identifySlots(step: IdentifyStep, context: StepContext): Promise<Evidence> {
  const volume = await espOf(step.esp, context)
  const { records } = await readBootFiles(volume)
  const found: Partial<Record<Slot, SlotRecord>> = {}
  for (const { slot, at } of step.slots) found[slot] = await identify(records[slot], at, context)
  const after = await changeRecords(volume, context.device, (now) => ({ ...now, ...found }))
  const evidence: Record<string, string> = {}
  for (const { slot } of step.slots) {
    const bad = await markWhenUnknown(slot, after, volume)
    evidence[slot] = `${wordOf(after[slot])}${bad ? ', marked bad' : ''}`
  }
  return evidence
}

async function markWhenUnknown(
  slot: Slot,
  records: SlotRecords,
  volume: Awaited<ReturnType<typeof espOf>>,
): Promise<boolean> {
  const { state } = await readBootFiles(volume)
  const other = otherSlot(slot)
  if (records[slot].state !== 'unknown' || verdictOf(other, records, state).verdict !== 'Good') return false
  await applyTransition(volume, (now) => markBad(now, slot))
  return true
}

const wordOf = (record: SlotRecord): string =>
  record.state === 'written' ? (record.content.version ?? record.content.sha256) : record.state

/** The record is right, or the bytes are the release's, or the slot is blank; else nobody knows what it is. */
async function identify(record: SlotRecord, at: Extent, context: StepContext): Promise<SlotRecord> {
  const candidates: SlotContent[] = record.state === 'written' ? [record.content] : []
  if (context.plan.release?.system) candidates.push(contentOf(context.plan))
  for (const content of candidates)
    if (content.size <= at.length && (await digestOf(at, content.size, context)) === content.sha256)
      return { state: 'written', content }
  const head = context.device.allocate(Math.min(MIB, at.length))
  await context.device.read(at.offset, head)
  return isZero(head) ? { state: 'empty' } : { state: 'unknown' }
}

async function digestOf({ offset }: Extent, size: number, context: StepContext): Promise<string> {
  const digest = context.createDigest()
  const buffer = context.device.allocate(CHUNK)
  for (let done = 0; done < size; ) {
    throwIfAborted(context.signal)
    const chunk = buffer.subarray(0, Math.min(CHUNK, size - done))
    await context.device.read(offset + done, chunk)
    digest.update(chunk)
    done += chunk.length
    context.progress('read-back', done, size)
  }
  return digest.hex()
}
