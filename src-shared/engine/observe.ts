// Looks at a disk: table, slots, boot state. Reads only. What is damaged becomes a finding, never an exception; a
// device that goes away while being read is still an error.
import { isZero, MIB } from '../base/bytes.ts'
import { type EngineError, type Finding, finding, isEngineError } from '../base/errors.ts'
import { type FatVolume, openFat } from '../format/fat32/fat32.ts'
import { decodeGpt, GPT_EDGE_BYTES, type GptReading } from '../format/gpt.ts'
import type { DiskInfo } from '../model/disk.ts'
import type { BootObservation, DiskObservation, Extent } from '../model/observation.ts'
import { type PartitionTable, TYPE_GUID } from '../model/partition-table.ts'
import { readBootFiles } from './boot-files.ts'
import type { BlockDevice } from './ports.ts'

export interface Sight extends DiskObservation {
  readonly gpt: GptReading
}

/** @throws EngineError `disk.lost`, `disk.read-failed` */
export async function observeDisk(device: BlockDevice, disk: DiskInfo): Promise<Sight> {
  const { gpt, head, tail } = await readEdges(device)
  const { table } = gpt
  const content = contentOf(gpt, head, tail)
  const parts = table ? findParts(table) : null
  const looked = parts ? await lookAtEsp(device, parts.esp) : null
  return {
    disk,
    gpt,
    content,
    table,
    tableFrom: gpt.used,
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
  return { gpt: decodeGpt(head.subarray(0, edge), tail, device.sectorSize, sectors), head, tail }
}

function contentOf(gpt: GptReading, head: Uint8Array, tail: Uint8Array): DiskObservation['content'] {
  if (gpt.table) return 'gpt'
  if (isZero(head) && isZero(tail)) return 'blank'
  return gpt.protectiveMbr !== 'ok' && gpt.protectiveMbr.code === 'gpt.mbr-foreign' ? 'mbr' : 'unknown'
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
