// The boot files on an ESP: reads them as the boot loader does, and changes them by overwriting in place, one file and
// one flush after the other, in the order that the transition says. Missing files are created.
import { equalBytes } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { laterBootOf, nextBootOf } from '#format/boot-start.ts'
import { type BootFiles, decodeBootState, overwritesOf } from '#format/boot-state.ts'
import type { FatVolume } from '#format/fat32/fat32.ts'
import { COPY_SIZE, decodeSlotRecords, encodeSlotRecords, SLOT_RECORD_SIZE } from '#format/slot-record.ts'
import { type BootState, ESP_PATH, type Transition } from '#model/boot-state.ts'
import type { BootObservation } from '#model/observation.ts'
import type { SlotRecords } from '#model/slot.ts'
import type { BlockDevice } from './ports.ts'

/** More than any of these files ever holds; a larger one is damaged. */
const MAX_BYTES = 1024 * 1024

/** A file of at most 1 MiB; null when there is none, or something larger. */
export async function readIfThere(volume: FatVolume, path: string): Promise<Uint8Array | null> {
  const entry = await volume.stat(path)
  if (entry?.kind !== 'file' || entry.size > MAX_BYTES) return null
  return await volume.read(path, { maxBytes: MAX_BYTES })
}

export async function readStateFiles(volume: FatVolume): Promise<BootFiles> {
  return {
    ab_state: await readIfThere(volume, ESP_PATH.ab_state),
    grubenv: await readIfThere(volume, ESP_PATH.grubenv),
    grubenv2: await readIfThere(volume, ESP_PATH.grubenv2),
    good: await readIfThere(volume, ESP_PATH.good),
  }
}

/** @throws EngineError `fat.damaged` and what the device throws */
export async function readBootFiles(volume: FatVolume): Promise<BootObservation> {
  const files = await readStateFiles(volume)
  const boot = decodeBootState(files)
  const slots = decodeSlotRecords(await readIfThere(volume, ESP_PATH.slots))
  const next = nextBootOf(files, slots.records)
  const later = laterBootOf(files, slots.records)
  return { state: boot.state, records: slots.records, next, later, findings: [...boot.findings, ...slots.findings] }
}

/**
 * Does a transition. The bytes are read back after each flush.
 * @throws EngineError `boot.write-differs`, `fat.*`, `disk.*`
 */
export async function applyTransition(volume: FatVolume, change: (state: BootState) => Transition): Promise<BootState> {
  const files = await readStateFiles(volume)
  const transition = change(decodeBootState(files).state)
  for (const { path, bytes } of overwritesOf(transition, files)) await replaceFile(volume, path, bytes)
  return transition.after
}

/**
 * Overwrites in place where the length is the same, creates or replaces otherwise; read back.
 * @throws EngineError `boot.write-differs`, `fat.*`, `disk.*`
 */
export async function replaceFile(volume: FatVolume, path: string, bytes: Uint8Array): Promise<void> {
  const before = await volume.stat(path)
  if (before?.kind === 'file' && before.size === bytes.length) await volume.overwriteInPlace(path, bytes)
  else await volume.put(path, bytes)
  const after = await volume.read(path, { maxBytes: MAX_BYTES })
  if (!equalBytes(after, bytes)) throw new EngineError('boot.write-differs', { file: `/${path}` })
}

/**
 * Changes the record of the slots: only the older of its two copies is overwritten, then flushed and read back.
 * @throws EngineError `boot.write-differs`, `slot.record-too-large`, `fat.*`, `disk.*`
 */
export async function changeRecords(
  volume: FatVolume,
  device: BlockDevice,
  change: (records: SlotRecords) => SlotRecords,
): Promise<SlotRecords> {
  const previous = await readIfThere(volume, ESP_PATH.slots)
  const records = change(decodeSlotRecords(previous).records)
  const { bytes, changedRange } = encodeSlotRecords(previous, records)
  if (previous?.length === SLOT_RECORD_SIZE && changedRange.length === COPY_SIZE) {
    const copy = bytes.subarray(changedRange.offset, changedRange.offset + changedRange.length)
    await overwriteRange(volume, device, changedRange.offset, copy)
  } else {
    await volume.put(ESP_PATH.slots, bytes)
  }
  const after = await volume.read(ESP_PATH.slots, { maxBytes: MAX_BYTES })
  if (!equalBytes(after, bytes)) throw new EngineError('boot.write-differs', { file: `/${ESP_PATH.slots}` })
  return records
}

/** Writes part of a file where it lies; its other copy is not touched, so a torn write costs only this one. */
async function overwriteRange(volume: FatVolume, device: BlockDevice, from: number, data: Uint8Array): Promise<void> {
  let position = 0
  for (const extent of await volume.extentsOf(ESP_PATH.slots)) {
    const start = Math.max(from, position)
    const end = Math.min(from + data.length, position + extent.length)
    if (start < end) await device.write(extent.offset + start - position, data.subarray(start - from, end - from))
    position += extent.length
  }
  await device.flush()
}
