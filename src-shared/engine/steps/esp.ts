// Makes the EFI system partition: takes the signed boot files out of the release's ESP image (every block checked), adds
// the boot state of a fresh disk, and writes one new FAT32 volume of the partition's size, read back byte by byte.
import { EngineError, type Finding, finding, isEngineError } from '#base/errors.ts'
import { factoryFiles } from '#format/boot-state.ts'
import { buildFat32, type FatFile, openFat } from '#format/fat32/fat32.ts'
import { EMPTY_RECORDS, encodeSlotRecords } from '#format/slot-record.ts'
import { ESP_PATH } from '#model/boot-state.ts'
import type { Step } from '#model/plan.ts'
import type { SlotRecord, SlotRecords } from '#model/slot.ts'
import { copyExtents } from '../copy/copy-extents.ts'
import type { BlockCodec } from '../copy/ports.ts'
import { withImageReader } from '../image-reader.ts'
import type { ImageSource } from '../image-source.ts'
import type { Evidence } from '../ports.ts'
import { contentOf } from './boot.ts'
import type { ReadAt, StepContext } from './context.ts'

type EspStep = Extract<Step, { type: 'write-esp' }>

/** Where firmware looks on a disk without boot entries (UEFI 2.10 section 3.5.1.1); the HP T640 needs it. */
export const FALLBACK_LOADER = 'EFI/BOOT/BOOTX64.EFI'
/** Boot files together are a few megabytes; more than this is not what an ESP image is for. */
const MAX_TOTAL = 64 * 1024 * 1024

/** The whole volume, in memory. @throws EngineError `plan.*`, `boot.no-loader`, `fat.*`, `slot.record-too-large` */
export async function buildEsp(step: EspStep, context: Pick<StepContext, 'boot' | 'codec' | 'plan'>) {
  const { partition } = step
  const source = context.boot?.image('esp')
  if (!source) throw new EngineError('plan.no-boot-files', { release: carrierOf(context.plan) })
  const signed = await signedFiles(source, context.codec, partition.size)
  const own = ownFiles(step, context)
  const names = new Set(own.map((file) => file.path.toLowerCase()))
  const files = [...signed.filter((file) => !names.has(file.path.toLowerCase())), ...own]
  const image = buildFat32({
    size: partition.size,
    sectorSize: context.plan.disk.sectorSize,
    volumeId: step.volumeId,
    label: partition.label,
    time: new Date(context.plan.request.at),
    files,
    partitionOffset: partition.offset,
  })
  return { image, files: files.length, signedFiles: signed.length }
}

export async function writeEsp(step: EspStep, context: StepContext): Promise<Evidence> {
  const { partition } = step
  const { image, ...counts } = await buildEsp(step, context)
  const contents = new Map(image.extents.map(({ offset, bytes }) => [offset, bytes]))
  const extents = image.extents.map(({ offset, bytes }) => ({ offset, length: bytes.length }))
  const done = await copyExtents({
    extents,
    zeroes: image.zeroes,
    read: async (offset, target) => readExtent(contents, offset, target),
    device: context.device,
    codec: context.codec,
    pace: context.pace,
    offset: partition.offset,
    signal: context.signal,
    onProgress: context.progress,
  })
  return {
    ...counts,
    ...done,
    espSha256: step.espSha256,
    defaultSlot: step.defaultSlot,
  }
}

/** Chunks of an extent are asked for by their own offset. */
function readExtent(contents: ReadonlyMap<number, Uint8Array>, offset: number, target: Uint8Array): void {
  for (const [start, bytes] of contents) {
    if (offset < start || offset + target.length > start + bytes.length) continue
    target.set(bytes.subarray(offset - start, offset - start + target.length))
    return
  }
  throw new EngineError('image.truncated', { expected: offset + target.length, found: 0 })
}

const carrierOf = ({ boot, release }: StepContext['plan']): string => (boot ?? release)?.digest.slice(0, 16) ?? 'none'

/**
 * The files of the signed ESP image; the image itself may be of any size.
 * @throws EngineError `plan.boot-files-too-large`, `boot.no-loader`, `fat.*`
 */
export const signedFiles = (source: ImageSource, codec: BlockCodec, espSize: number): Promise<FatFile[]> =>
  withImageReader(source, codec, (read) => filesIn(source, read, espSize))

async function filesIn(source: ImageSource, read: ReadAt, espSize: number): Promise<FatFile[]> {
  const readOnly = async () => {
    throw new EngineError('disk.read-only', { disk: 'release', reason: 'a release is only read' })
  }
  const volume = await openFat({ read, write: readOnly, flush: readOnly }, 0, source.table.size)
  const entries = (await volume.list('', { recursive: true })).filter((entry) => entry.kind === 'file')
  const needed = entries.reduce((sum, { size }) => sum + size, 0)
  const found = Math.min(MAX_TOTAL, espSize)
  if (needed > found) throw new EngineError('plan.boot-files-too-large', { needed, found })
  if (!entries.some(({ path }) => path.toUpperCase() === FALLBACK_LOADER))
    throw new EngineError('boot.no-loader', { file: `/${FALLBACK_LOADER}` })
  const files: FatFile[] = []
  for (const { path } of entries) files.push({ path, bytes: await volume.read(path) })
  return files
}

/** Why no disk would boot with these boot files, told before anything is written. */
export async function checkBootFiles(source: ImageSource, codec: BlockCodec, espSize: number): Promise<Finding[]> {
  try {
    await signedFiles(source, codec, espSize)
    return []
  } catch (error) {
    if (!isEngineError(error) || !/^(plan|boot|fat)\./.test(error.code)) throw error
    return [finding(error.code, error.details)]
  }
}

/** Boot state and slot record: what a release cannot carry, because it differs from disk to disk. */
function ownFiles(step: EspStep, { plan }: Pick<StepContext, 'plan'>): FatFile[] {
  const record = (slot: 'A' | 'B'): SlotRecord =>
    step.slots.includes(slot) ? { state: 'written', content: contentOf(plan) } : EMPTY_RECORDS[slot]
  const records: SlotRecords = { A: record('A'), B: record('B'), override: step.override, fallback: null }
  const state = factoryFiles(step.defaultSlot)
  return [
    { path: ESP_PATH.ab_state, bytes: state.ab_state },
    { path: ESP_PATH.grubenv, bytes: state.grubenv },
    { path: ESP_PATH.grubenv2, bytes: state.grubenv2 },
    { path: ESP_PATH.good, bytes: state.good },
    { path: ESP_PATH.slots, bytes: encodeSlotRecords(null, records).bytes },
  ]
}
