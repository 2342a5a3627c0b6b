// Steps on the whole disk: wiping what was there, and the partition table, primary header last.
import { equalBytes, isZero, MIB } from '#base/bytes.ts'
import { EngineError, throwIfAborted } from '#base/errors.ts'
import { encodeGpt, type GptWrite, repairWrites } from '#format/gpt.ts'
import type { Extent } from '#model/observation.ts'
import type { Step } from '#model/plan.ts'
import { readGpt } from '../observe.ts'
import type { Evidence } from '../ports.ts'
import type { StepContext } from './context.ts'

type StepOf<T extends Step['type']> = Extract<Step, { type: T }>

/** Zeroes the old tables, flushes, then zeroes the other signatures; what is zero already is left alone, the rest is read back. */
export async function wipe(step: StepOf<'wipe'>, context: StepContext): Promise<Evidence> {
  const { device, signal } = context
  const total = [...step.tables, ...step.signatures].reduce((sum, { length }) => sum + length, 0)
  const chunk = device.allocate(Math.min(MIB, device.size))
  const zeroed: Extent[] = []
  let done = 0
  for (const part of [step.tables, step.signatures]) {
    for (const extent of part) {
      if ((await firstContent(extent, chunk, context)) !== null) {
        throwIfAborted(signal)
        await device.zero(extent.offset, extent.length)
        zeroed.push(extent)
      }
      done += extent.length
      context.progress('write', done, total)
    }
    await device.flush()
  }
  for (const extent of zeroed) {
    const offset = await firstContent(extent, chunk, context)
    if (offset !== null)
      throw new EngineError('write.verify-failed', { offset, expected: 'zeroes', found: 'other bytes' })
  }
  return { bytesZeroed: zeroed.reduce((sum, { length }) => sum + length, 0) }
}

/** Where the first piece that is not all zeroes begins; null when there is none. */
async function firstContent(
  { offset, length }: Extent,
  chunk: Uint8Array,
  { device, signal }: StepContext,
): Promise<number | null> {
  for (let at = 0; at < length; at += chunk.length) {
    throwIfAborted(signal)
    const part = chunk.subarray(0, Math.min(chunk.length, length - at))
    await device.read(offset + at, part)
    if (!isZero(part)) return offset + at
  }
  return null
}

/**
 * Protective MBR and both entry arrays, then the backup header, then (after a flush) the primary header: the disk looks
 * finished only with the very last sector written. Everything is read back.
 */
export async function writeTable(step: StepOf<'write-table'>, context: StepContext): Promise<Evidence> {
  const gpt = encodeGpt(step.table)
  const phases: GptWrite[][] = [
    [gpt.primaryEntries, gpt.backupEntries, gpt.mbr],
    [gpt.backupHeader],
    [gpt.primaryHeader],
  ]
  for (const writes of phases) {
    for (const { offset, bytes } of writes) await context.device.write(offset, bytes)
    await context.device.flush()
    for (const { offset, bytes } of writes) await checkSame(offset, bytes, context)
  }
  const bytes = phases.flat().reduce((sum, write) => sum + write.bytes.length, 0)
  return {
    diskGuid: step.table.diskGuid,
    partitions: step.table.entries.length,
    bytesWritten: bytes,
    bytesReadBack: bytes,
  }
}

async function checkSame(offset: number, bytes: Uint8Array, { device }: StepContext): Promise<void> {
  const found = device.allocate(bytes.length)
  await device.read(offset, found)
  if (!equalBytes(found, bytes))
    throw new EngineError('write.verify-failed', { offset, expected: 'the partition table', found: 'other bytes' })
}

/** Reads both sides again and rewrites the damaged one, in the order that keeps one side intact at every moment. */
export async function repairTable(step: StepOf<'repair-table'>, context: StepContext): Promise<Evidence> {
  const { device } = context
  const before = await readGpt(device)
  if (!before.sides[step.from])
    throw new EngineError('plan.changed', {
      expected: `the ${step.from} table intact`,
      found: before.used ?? 'none intact',
    })
  const writes = repairWrites(before, step.from)
  for (const { offset, bytes } of writes) {
    await device.write(offset, bytes)
    await device.flush()
    await checkSame(offset, bytes, context)
  }
  const { findings } = await readGpt(device)
  const left = findings.find((each) => each.code !== 'gpt.mbr-hybrid')
  if (left) throw new EngineError(left.code, left.details)
  return { from: step.from, writes: writes.length }
}
