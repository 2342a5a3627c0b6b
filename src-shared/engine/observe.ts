// Looks at a disk: table, slots, boot state. Reads only. What is damaged becomes a finding, never an exception; a
// device that goes away while being read is still an error.
import { isZero, MIB } from '#base/bytes.ts'
import { type EngineError, type Finding, finding, isEngineError } from '#base/errors.ts'
import { type FatVolume, openFat } from '#format/fat32/fat32.ts'
import {
  arraysElsewhere,
  decodeGpt,
  GPT_EDGE_BYTES,
  type GptReading,
  type GptSideName,
  repairRefusal,
} from '#format/gpt.ts'
import type { DiskInfo } from '#model/disk.ts'
import type { BootObservation, DiskObservation, Extent, TableSide } from '#model/observation.ts'
import { type PartitionTable, TYPE_GUID } from '#model/partition-table.ts'
import { sampleSpots, signaturePlaces } from '#model/signature-places.ts'
import { readBootFiles } from './boot-files.ts'
import type { BlockDevice } from './ports.ts'

export interface Sight extends DiskObservation {
  readonly gpt: GptReading
}

/** @throws EngineError `disk.lost`, `disk.read-failed` */
export async function observeDisk(device: BlockDevice, disk: DiskInfo): Promise<Sight> {
  const { gpt, head, tail } = await readEdges(device)
  const { table } = gpt
  const content = await contentOf(gpt, head, tail, device)
  const parts = table ? findParts(table) : null
  const looked = parts ? await lookAtEsp(device, parts.esp) : null
  return {
    disk,
    gpt,
    content,
    table,
    tableFrom: gpt.used,
    tableSides: { primary: sideOf(gpt, 'primary'), backup: sideOf(gpt, 'backup') },
    tableFindings: content === 'blank' ? [] : gpt.findings,
    esp: parts?.esp ?? null,
    slots: parts ? { A: parts.A, B: parts.B } : null,
    boot: looked,
  }
}

/** Both sides of the partition table as they are on the device now. */
export const readGpt = async (device: BlockDevice): Promise<GptReading> => (await readEdges(device)).gpt

async function readEdges(device: BlockDevice) {
  const edge = Math.min(GPT_EDGE_BYTES, device.size)
  const head = device.allocate(Math.min(MIB, device.size))
  await device.read(0, head)
  const tail = device.allocate(edge)
  await device.read(device.size - edge, tail)
  const sectors = Math.floor(device.size / device.sectorSize)
  const ends = [head.subarray(0, edge), tail, device.sectorSize, sectors] as const
  const further = []
  for (const { offset, length } of arraysElsewhere(...ends)) {
    const bytes = device.allocate(length)
    await device.read(offset, bytes)
    further.push({ offset, bytes })
  }
  return { gpt: decodeGpt(...ends, further), head, tail }
}

function sideOf(gpt: GptReading, name: GptSideName): TableSide | null {
  const side = gpt.sides[name]
  return side && { table: side.table, refusal: repairRefusal(gpt, name) }
}

async function contentOf(
  gpt: GptReading,
  head: Uint8Array,
  tail: Uint8Array,
  device: BlockDevice,
): Promise<DiskObservation['content']> {
  if (gpt.table) return 'gpt'
  if (isZero(head) && isZero(tail) && (await isBlank(device))) return 'blank'
  return gpt.protectiveMbr !== 'ok' && gpt.protectiveMbr.code === 'gpt.mbr-foreign' ? 'mbr' : 'unknown'
}

/** Nothing wherever tools look for content, nor at spots all over the disk. */
async function isBlank(device: BlockDevice): Promise<boolean> {
  const places = [...signaturePlaces({ offset: 0, length: device.size }), ...sampleSpots(device.size)]
  const chunk = device.allocate(Math.min(MIB, device.size))
  for (const { offset, length } of places)
    for (let at = 0; at < length; at += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, length - at))
      await device.read(offset + at, part)
      if (!isZero(part)) return false
    }
  return true
}

/** ESP and slots of an A/B disk: slots by name, else partitions 2 and 3 behind an ESP in place 1 (interop 4.1). */
function findParts(table: PartitionTable): { esp: Extent; A: Extent; B: Extent } | null {
  const place = (match: (entry: PartitionTable['entries'][number]) => boolean): Extent | null => {
    const entry = table.entries.find(match)
    if (!entry) return null
    return {
      offset: entry.firstLba * table.sectorSize,
      length: (entry.lastLba - entry.firstLba + 1) * table.sectorSize,
    }
  }
  const esp = place((entry) => entry.typeGuid === TYPE_GUID.esp)
  if (!esp) return null
  const byName = (name: string) => place((entry) => entry.name === name)
  const upstream = table.entries.some((entry) => entry.number === 1 && entry.typeGuid === TYPE_GUID.esp)
  const byNumber = (number: number) => (upstream ? place((entry) => entry.number === number) : null)
  const A = byName('SLOT-A') ?? byNumber(2)
  const B = byName('SLOT-B') ?? byNumber(3)
  return A && B ? { esp, A, B } : null
}

/** Null when the ESP cannot be read or its directories are damaged; `inspect` shows the reason through openEsp. */
async function lookAtEsp(device: BlockDevice, esp: Extent): Promise<BootObservation | null> {
  const volume = await openEsp(device, esp)
  if ('code' in volume) return null
  try {
    return await readBootFiles(volume)
  } catch (error) {
    if (isFatError(error)) return null
    throw error
  }
}

const isFatError = (error: unknown): error is EngineError => isEngineError(error) && error.code.startsWith('fat.')

/** The ESP's file system, or why it cannot be read. */
export async function openEsp(device: BlockDevice, esp: Extent): Promise<FatVolume | Finding> {
  try {
    return await openFat(device, esp.offset, esp.length)
  } catch (error) {
    if (isFatError(error)) return finding(error.code, error.details)
    throw error
  }
}
