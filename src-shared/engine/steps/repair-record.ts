// The doctor's step on the record of the slots: reads what is there and records only what was proved by a digest. The boot
// loader does not read the record, so writing it never changes what boots; a slot of unknown content is marked bad only
// when the other one is good.
import { isZero, MIB } from '#base/bytes.ts'
import { throwIfAborted } from '#base/errors.ts'
import { markBad, verdictOf } from '#model/boot-state.ts'
import type { Extent } from '#model/observation.ts'
import type { Step } from '#model/plan.ts'
import { otherSlot, type Slot, type SlotContent, type SlotRecord, type SlotRecords } from '#model/slot.ts'
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
  const wanted = step.slots.map((each) => ({
    ...each,
    candidates: candidatesFor(records[each.slot], each.at, context),
  }))
  const total = wanted.flatMap(({ candidates }) => candidates).reduce((sum, { size }) => sum + size, 0)
  let before = 0
  for (const { slot, at, candidates } of wanted) {
    const progress: StepContext['progress'] = (phase, done) => context.progress(phase, before + done, total)
    found[slot] = await identify(candidates, at, { ...context, progress }, (size) => {
      before += size
    })
  }
  return await recordFound(step, found, context)
}

/** What each slot was found to hold. */
export type Found = Readonly<Partial<Record<Slot, SlotRecord>>>

/** The writing part of it. */
export async function recordFound(
  step: IdentifyStep,
  found: Found,
  context: Pick<StepContext, 'device'>,
): Promise<Evidence> {
  const volume = await espOf(step.esp, context)
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

/** What a slot may hold: what its record says, and the release. */
export function candidatesFor(record: SlotRecord, at: Extent, { plan }: Pick<StepContext, 'plan'>): SlotContent[] {
  const candidates = record.state === 'written' ? [record.content] : []
  const system = plan.release?.system
  if (system && !candidates.some(({ size, sha256 }) => size === system.size && sha256 === system.sha256))
    candidates.push(contentOf(plan))
  return candidates.filter(({ size }) => size <= at.length)
}

/** The record is right, or the bytes are the release's, or the slot is blank; else nobody knows what it is. */
async function identify(
  candidates: readonly SlotContent[],
  at: Extent,
  context: StepContext,
  onRead: (size: number) => void,
): Promise<SlotRecord> {
  for (const content of candidates) {
    const found = await digestOf(at, content.size, context)
    onRead(content.size)
    if (found === content.sha256) return { state: 'written', content }
  }
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
