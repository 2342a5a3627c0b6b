// PartitionTable -> the bytes of a GUID partition table (UEFI 2.10 chapter 5), for sectors of 512 and 4096 bytes.
// Always 128 entries of 128 bytes, the backup in the last sectors. Users import gpt.ts.
import { utf8, viewOf } from '#base/bytes.ts'
import { crc32 } from '#base/crc32.ts'
import { EngineError } from '#base/errors.ts'
import { encodeGuid, isGuid } from '#base/guid.ts'
import type { PartitionEntry, PartitionTable } from '#model/partition-table.ts'

export const GPT_SIGNATURE = utf8('EFI PART')
export const GPT_REVISION = 0x00010000
export const GPT_HEADER_BYTES = 92
export const GPT_ENTRY_BYTES = 128
export const GPT_ENTRIES = 128
export const GPT_NAME_UNITS = 36

/** Bytes for one place of the disk. */
export interface GptWrite {
  /** From the start of the disk, a multiple of the sector size. */
  readonly offset: number
  /** Whole sectors. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface EncodedGpt {
  readonly mbr: GptWrite
  readonly primaryHeader: GptWrite
  readonly primaryEntries: GptWrite
  readonly backupEntries: GptWrite
  readonly backupHeader: GptWrite
  readonly firstUsableLba: number
  readonly lastUsableLba: number
}

/** The sectors between the two tables: 34 to N-34 with 512-byte sectors, 6 to N-6 with 4096-byte ones. */
export function usableSectors(sectors: number, sectorSize: number): { first: number; last: number } {
  const array = (GPT_ENTRIES * GPT_ENTRY_BYTES) / sectorSize
  return { first: 2 + array, last: sectors - array - 2 }
}

/** What a header says besides its own checksum; sector numbers are LBAs. */
export interface GptHeader {
  readonly myLba: number
  readonly alternateLba: number
  readonly firstUsableLba: number
  readonly lastUsableLba: number
  readonly diskGuid: string
  readonly entriesLba: number
  readonly entryCount: number
  readonly entrySize: number
  readonly entriesCrc: number
}

/** One sector with the header at its start (UEFI 2.10 table 5.5). */
export function encodeHeader(header: GptHeader, sectorSize: number): Uint8Array<ArrayBuffer> {
  const sector = new Uint8Array(sectorSize)
  const view = viewOf(sector)
  sector.set(GPT_SIGNATURE)
  view.setUint32(8, GPT_REVISION, true)
  view.setUint32(12, GPT_HEADER_BYTES, true)
  view.setBigUint64(24, BigInt(header.myLba), true)
  view.setBigUint64(32, BigInt(header.alternateLba), true)
  view.setBigUint64(40, BigInt(header.firstUsableLba), true)
  view.setBigUint64(48, BigInt(header.lastUsableLba), true)
  sector.set(encodeGuid(header.diskGuid), 56)
  view.setBigUint64(72, BigInt(header.entriesLba), true)
  view.setUint32(80, header.entryCount, true)
  view.setUint32(84, header.entrySize, true)
  view.setUint32(88, header.entriesCrc, true)
  view.setUint32(16, crc32(sector.subarray(0, GPT_HEADER_BYTES)), true)
  return sector
}

/**
 * Sector 0 with one entry of type 0xEE over the whole disk (UEFI 2.10 section 5.2.3). `bootCode` keeps the first 440
 * bytes of an old sector.
 */
export function encodeProtectiveMbr(
  sectors: number,
  sectorSize: number,
  bootCode?: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const sector = new Uint8Array(sectorSize)
  if (bootCode) sector.set(bootCode.subarray(0, 440))
  sector.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], 446)
  viewOf(sector).setUint32(454, 1, true)
  viewOf(sector).setUint32(458, Math.min(sectors - 1, 0xffffffff), true)
  sector.set([0x55, 0xaa], 510)
  return sector
}

function encodeEntry(entry: PartitionEntry, target: Uint8Array): void {
  const view = viewOf(target)
  target.set(encodeGuid(entry.typeGuid), 0)
  target.set(encodeGuid(entry.uniqueGuid), 16)
  view.setBigUint64(32, BigInt(entry.firstLba), true)
  view.setBigUint64(40, BigInt(entry.lastLba), true)
  view.setBigUint64(48, BigInt.asUintN(64, BigInt(`0x${entry.attributes}`)), true)
  for (let i = 0; i < entry.name.length; i++) view.setUint16(56 + 2 * i, entry.name.charCodeAt(i), true)
}

/** Throws the first reason why `table` must not become bytes. */
function assertEncodable(table: PartitionTable, low: number, high: number): void {
  const { sectors, sectorSize } = table
  if (high < low)
    throw new EngineError('gpt.disk-too-small', { found: sectors, sectorSize, needed: sectors + low - high })
  if (!isGuid(table.diskGuid)) throw new EngineError('gpt.entry-guid', { number: 0, found: table.diskGuid })
  const seen = new Set<number>()
  for (const { number, typeGuid, uniqueGuid, firstLba: first, lastLba: last, name } of table.entries) {
    if (!Number.isInteger(number) || number < 1 || number > GPT_ENTRIES || seen.has(number))
      throw new EngineError('gpt.entry-number', { number, limit: GPT_ENTRIES })
    seen.add(number)
    for (const guid of [typeGuid, uniqueGuid])
      if (!isGuid(guid)) throw new EngineError('gpt.entry-guid', { number, found: guid })
    if (name.length > GPT_NAME_UNITS || name.includes('\0'))
      throw new EngineError('gpt.entry-name', { number, name, found: name.length, limit: GPT_NAME_UNITS })
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first < low || last > high || first > last)
      throw new EngineError('gpt.entry-out-of-range', { side: 'new', number, first, last, low, high })
  }
  const overlap = findOverlap(table.entries)
  if (overlap) throw new EngineError('gpt.entry-overlap', { side: 'new', ...overlap })
}

/** Two partitions that share a sector, if any. */
export function findOverlap(
  entries: readonly PartitionEntry[],
): { number: number; other: number; first: number } | null {
  const sorted = [...entries].sort((a, b) => a.firstLba - b.firstLba)
  for (let i = 1; i < sorted.length; i++)
    if (sorted[i].firstLba <= sorted[i - 1].lastLba)
      return { number: sorted[i - 1].number, other: sorted[i].number, first: sorted[i].firstLba }
  return null
}

/**
 * All bytes of a GPT for `table`. Throws `gpt.disk-too-small`, `gpt.entry-number`, `gpt.entry-guid`, `gpt.entry-name`,
 * `gpt.entry-out-of-range`, `gpt.entry-overlap`: a wrong table never becomes bytes.
 */
export function encodeGpt(table: PartitionTable): EncodedGpt {
  const { sectors, sectorSize } = table
  const { first: firstUsableLba, last: lastUsableLba } = usableSectors(sectors, sectorSize)
  assertEncodable(table, firstUsableLba, lastUsableLba)

  const array = new Uint8Array(GPT_ENTRIES * GPT_ENTRY_BYTES)
  for (const entry of table.entries) {
    const start = (entry.number - 1) * GPT_ENTRY_BYTES
    encodeEntry(entry, array.subarray(start, start + GPT_ENTRY_BYTES))
  }
  const common = {
    firstUsableLba,
    lastUsableLba,
    diskGuid: table.diskGuid,
    entryCount: GPT_ENTRIES,
    entrySize: GPT_ENTRY_BYTES,
    entriesCrc: crc32(array),
  }
  const last = sectors - 1
  const primary = encodeHeader({ ...common, myLba: 1, alternateLba: last, entriesLba: 2 }, sectorSize)
  const backup = encodeHeader({ ...common, myLba: last, alternateLba: 1, entriesLba: lastUsableLba + 1 }, sectorSize)
  return {
    mbr: { offset: 0, bytes: encodeProtectiveMbr(sectors, sectorSize) },
    primaryHeader: { offset: sectorSize, bytes: primary },
    primaryEntries: { offset: 2 * sectorSize, bytes: array },
    backupEntries: { offset: (lastUsableLba + 1) * sectorSize, bytes: array },
    backupHeader: { offset: last * sectorSize, bytes: backup },
    firstUsableLba,
    lastUsableLba,
  }
}
