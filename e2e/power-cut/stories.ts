// Disks to start from: another system's disks, and appliance disks at several points of their life.
import { MIB, viewOf } from '#base/bytes.ts'
import { buildFat32, type FatVolume, openFat } from '#format/fat32/fat32.ts'
import { encodeGpt } from '#format/gpt.ts'
import type { SlotAction } from '#model/actions.ts'
import { type BootFile, ESP_PATH } from '#model/boot-state.ts'
import type { Layout } from '#model/layout.ts'
import type { Plan } from '#model/plan.ts'
import type { Slot } from '#model/slot.ts'
import { resolveLayout } from '#plan/layout.ts'
import { simulateBoot } from '#testing/boot-simulator.ts'
import { AT, BY, flashRequest, provisionRequest, slotRequest } from '#testing/builders.ts'
import { Pages } from '#testing/pages.ts'
import { seededBytes } from '#testing/random.ts'
import type { RecordedOp } from '#testing/recording.ts'
import { withRecording } from '#testing/recording.ts'
import type { Judge } from './judge.ts'
import { type Disk, look, openDisk, type Work } from './record.ts'
import { type Release, smallLayout } from './world.ts'

export const LAYOUT = smallLayout(36, 4)
export const blankDisk = (): Disk => ({ pages: new Pages(), size: 64 * MIB, sectorSize: 512 })
/** FAT32 on 4096 byte sectors begins at 256 MiB. */
export const blankDisk4096 = (): Disk => ({ pages: new Pages(), size: 300 * MIB, sectorSize: 4096 })

export const provision = (release: Release, slots: readonly Slot[] = ['A'], layout: Layout = LAYOUT): Work => ({
  request: provisionRequest({ layout, slots }),
  release,
})
export const flash = (slot: Slot, release: Release, changedOnly = false): Work => ({
  request: flashRequest({ slot, changedOnly }),
  release,
})
export const select = (action: SlotAction, slot: Slot, force: string | null = null): Work => ({
  request: slotRequest({ action, slot, force }),
  release: null,
})

export const repair: Work = { request: { kind: 'repair-table', at: AT, by: BY }, release: null }

/** A sector of the table is lost: the header at `lba`, counted from the end when negative. */
export function withoutSector(before: Disk, lba: number): Disk {
  const pages = before.pages.fork()
  const sectors = before.size / before.sectorSize
  pages.zero((lba < 0 ? sectors + lba : lba) * before.sectorSize, before.sectorSize)
  return { ...before, pages }
}

/** A disk that another system starts from: GPT, ESP with a loader of its own, two partitions with something in them. */
export function foreignGptDisk(): { readonly disk: Disk; readonly loader: Uint8Array } {
  const disk = openDisk(blankDisk())
  const loader = seededBytes(120_000, 5)
  const resolved = resolveLayout(smallLayout(35, 6), disk, 'another system')
  if (!resolved.ok) throw new Error('the other layout does not fit')
  const { placed, table } = resolved.value
  const volume = { size: placed[0].size, sectorSize: 512, volumeId: 9, time: new Date(0), partitionOffset: MIB }
  const { extents } = buildFat32({ ...volume, files: [{ path: 'EFI/BOOT/BOOTX64.EFI', bytes: loader }] })
  for (const { offset, bytes } of extents) disk.pages.write(placed[0].offset + offset, bytes)
  for (const { offset } of placed.slice(1)) disk.pages.write(offset, seededBytes(2 * MIB, 6))
  const gpt = encodeGpt(table)
  for (const { offset, bytes } of [gpt.mbr, gpt.primaryEntries, gpt.primaryHeader, gpt.backupEntries, gpt.backupHeader])
    disk.pages.write(offset, bytes)
  return { disk: { ...blankDisk(), pages: disk.pages }, loader }
}

/** One DOS partition, full of something. */
export function foreignMbrDisk(): Disk {
  const disk = blankDisk()
  const sector = seededBytes(512, 8)
  sector.fill(0, 446)
  sector[450] = 0x83
  viewOf(sector).setUint32(454, 63, true)
  viewOf(sector).setUint32(458, 100_000, true)
  sector.set([0x55, 0xaa], 510)
  disk.pages.write(0, sector)
  for (let at = 1; at < 60; at += 3) disk.pages.write(at * MIB + 512, seededBytes(300_000, at))
  return disk
}

async function espOf(disk: ReturnType<typeof openDisk>) {
  const { esp } = await look(disk)
  if (!esp) throw new Error('no ESP')
  return { esp, volume: await openFat(disk, esp.offset, esp.length) }
}

/** The machine starts `count` times, nobody confirms; every slot loads, where nothing else is said. */
export async function started(
  before: Disk,
  judge: Judge,
  count: number,
  loads: Readonly<Record<Slot, boolean>> = { A: true, B: true },
): Promise<Disk> {
  const disk = openDisk(before)
  const { esp, volume } = await espOf(disk)
  const view = await judge.esp(before, esp)
  if (!view) throw new Error('the ESP is not readable')
  let { files } = view
  for (let start = 0; start < count; start++) files = simulateBoot(files, loads).after
  for (const file of ['grubenv', 'grubenv2'] as const satisfies BootFile[]) {
    const bytes = files[file]
    if (bytes) await volume.overwriteInPlace(ESP_PATH[file], bytes)
  }
  return { ...before, pages: disk.pages }
}

/** As upstream leaves it: `ab_state` without a newline, neither environment block nor slot record. */
export async function withoutBootFiles(before: Disk): Promise<Disk> {
  const disk = openDisk(before)
  const { volume } = await espOf(disk)
  await volume.remove(ESP_PATH.grubenv)
  await volume.remove(ESP_PATH.grubenv2)
  await volume.remove(ESP_PATH.good)
  await volume.remove(ESP_PATH.slots)
  await volume.put(ESP_PATH.ab_state, Buffer.from('set active_partition="A"'))
  return { ...before, pages: disk.pages }
}

/** `esp put`, recorded. */
export const recordPut = (before: Disk, path: string, bytes: Uint8Array) =>
  recordOnEsp(before, (volume) => volume.put(path, bytes))

/** A file of the same length, written where the old one is. */
export const recordOverwrite = (before: Disk, path: string, bytes: Uint8Array) =>
  recordOnEsp(before, (volume) => volume.overwriteInPlace(path, bytes))

async function recordOnEsp(before: Disk, change: (volume: FatVolume) => Promise<unknown>) {
  const disk = openDisk(before)
  const { esp } = await espOf(disk)
  const { device, ops } = withRecording(disk)
  await change(await openFat(device, esp.offset, esp.length))
  return { ops: ops as readonly RecordedOp[], after: { ...before, pages: disk.pages } }
}

/** Steps with the one of `type` moved to `place`. */
export const movedTo =
  (type: Plan['steps'][number]['type'], place: number) =>
  (steps: Plan['steps']): Plan['steps'] => {
    const index = steps.findLastIndex((step) => step.type === type)
    const others = steps.filter((_, i) => i !== index)
    return [...others.slice(0, place), steps[index], ...others.slice(place)]
  }
