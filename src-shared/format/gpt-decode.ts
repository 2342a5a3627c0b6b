// Bytes of a disk's two ends -> partition table, with one finding per damaged part (UEFI 2.10 sections 5.2.3 and 5.3).
// Strict and bounded: sizes are checked before anything is allocated; arbitrary bytes give findings, never an exception.
// What is found wrong is the cause as far as the bytes prove it: a table for other sectors or a larger disk is no damage.
import { alignUp, equalBytes, KIB, MIB, toHex, viewOf } from '#base/bytes.ts'
import { crc32 } from '#base/crc32.ts'
import { explain, type Finding, finding } from '#base/errors.ts'
import { decodeGuid } from '#base/guid.ts'
import type { PartitionEntry, PartitionTable } from '#model/partition-table.ts'
import {
  findOverlap,
  GPT_ENTRY_BYTES,
  GPT_HEADER_BYTES,
  GPT_NAME_UNITS,
  GPT_REVISION,
  GPT_SIGNATURE,
  type GptHeader,
} from './gpt-encode.ts'

/** How many bytes of each end of the disk decodeGpt needs (all of a smaller disk); a multiple of 4096. */
export const GPT_EDGE_BYTES = 64 * KIB
/** Longest entry array that is read: 8192 entries of 128 bytes. */
const ARRAY_LIMIT = MIB

export type GptSideName = 'primary' | 'backup'
type Side = GptSideName

/** Bytes from a place of the disk. */
export interface GptPiece {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** One intact side, as found; the repair copies it. */
export interface GptSide {
  readonly header: GptHeader
  /** The entry array, entryCount * entrySize bytes. */
  readonly entries: Uint8Array
  readonly table: PartitionTable
}

export interface GptReading {
  /** The table to believe: the primary's, else the backup's; null when neither is intact or sector 0 is a real MBR. */
  readonly table: PartitionTable | null
  readonly used: Side | null
  readonly primary: 'ok' | Finding
  readonly backup: 'ok' | Finding
  readonly protectiveMbr: 'ok' | Finding
  /** All that is wrong, for people. Empty for a perfect table. */
  readonly findings: readonly Finding[]
  /** Each side by itself, where it is intact; none under a foreign MBR. */
  readonly sides: Readonly<Record<Side, GptSide | null>>
  /** For repairWrites. */
  readonly sectors: number
  readonly sectorSize: number
  readonly mbrSector: Uint8Array
  readonly source: GptSide | null
}

const hex8 = (value: number) => value.toString(16).padStart(8, '0')
const isFinding = <T extends object>(value: T | Finding): value is Finding => 'code' in value

/** 512 or 4096 when a GPT header's signature is at that offset of the disk's first bytes, else null. */
export function guessSectorSize(head: Uint8Array): 512 | 4096 | null {
  for (const size of [512, 4096] as const)
    if (head.length >= size + 8 && equalBytes(head.subarray(size, size + 8), GPT_SIGNATURE)) return size
  return null
}

/** What to read around: which sectors the given bytes cover. */
interface Area {
  readonly side: Side
  readonly bytes: Uint8Array
  /** Sector at which `bytes` starts. */
  readonly start: number
  readonly sectorSize: number
  readonly sectors: number
  /** Entry arrays that lie outside of `bytes`. */
  readonly further: readonly GptPiece[]
}

function decodeHeader(area: Area): GptHeader | Finding {
  const { side, sectorSize, sectors } = area
  const lba = side === 'primary' ? 1 : sectors - 1
  const at = (lba - area.start) * sectorSize
  const sector = area.bytes.subarray(at, at + sectorSize)
  const none = finding('gpt.no-signature', { side, lba })
  if (at < 0 || sector.length < sectorSize) return none
  if (!equalBytes(sector.subarray(0, 8), GPT_SIGNATURE)) return none
  const view = viewOf(sector)
  const wrong = (field: string, expected: string | number, found: string | number) =>
    finding('gpt.header-invalid', { side, field, expected, found })
  const size = view.getUint32(12, true)
  if (size < GPT_HEADER_BYTES || size > sectorSize) return wrong('header size', GPT_HEADER_BYTES, size)
  const unsigned = sector.slice(0, size)
  unsigned.fill(0, 16, 20)
  const stored = view.getUint32(16, true)
  const computed = crc32(unsigned)
  if (stored !== computed) return finding('gpt.header-crc', { side, expected: hex8(stored), found: hex8(computed) })
  const revision = view.getUint32(8, true)
  if (revision !== GPT_REVISION) return wrong('revision', hex8(GPT_REVISION), hex8(revision))
  const lbaAt = (offset: number) => Number(view.getBigUint64(offset, true))
  const header: GptHeader = {
    myLba: lbaAt(24),
    alternateLba: lbaAt(32),
    firstUsableLba: lbaAt(40),
    lastUsableLba: lbaAt(48),
    diskGuid: decodeGuid(sector.subarray(56, 72)),
    entriesLba: lbaAt(72),
    entryCount: view.getUint32(80, true),
    entrySize: view.getUint32(84, true),
    entriesCrc: view.getUint32(88, true),
  }
  if (header.myLba !== lba) return wrong('its own sector', lba, header.myLba)
  if (side === 'backup' && header.alternateLba !== 1) return wrong('the sector of the primary', 1, header.alternateLba)
  return checkArray(area, header) ?? header
}

/** UEFI: 128 times a power of two. */
const POWERS = [1, 2, 4, 8, 16, 32]

/** Size and place of the entry array, before it is touched. */
function checkArray({ side, sectors, sectorSize }: Area, header: GptHeader): Finding | null {
  const { entryCount, entrySize, firstUsableLba: low, lastUsableLba: high, entriesLba: first } = header
  const factor = entrySize / GPT_ENTRY_BYTES
  if (!POWERS.includes(factor)) return finding('gpt.entry-size', { side, found: entrySize })
  if (entryCount < 1 || entryCount * entrySize > ARRAY_LIMIT)
    return finding('gpt.too-many-entries', { side, found: entryCount, limit: ARRAY_LIMIT / entrySize })
  const invalid = (field: string, expected: string, found: number) =>
    finding('gpt.header-invalid', { side, field, expected, found })
  if (low > high) return invalid('the first usable sector', `at most ${high}`, low)
  if (side === 'primary' && high > sectors - 2 && header.alternateLba >= sectors) return shrunk(header, sectors)
  if (high > sectors - 2) return invalid('the last usable sector', `at most ${sectors - 2}`, high)
  const last = first + Math.ceil((entryCount * entrySize) / sectorSize) - 1
  const [from, to] = side === 'primary' ? [2, low - 1] : [high + 1, sectors - 2]
  if (first < from || last > to) return finding('gpt.entries-elsewhere', { side, first, last, low: from, high: to })
  return null
}

/** The table was made for more sectors than there are: a smaller disk, or a copy cut short. */
const shrunk = ({ alternateLba }: GptHeader, sectors: number): Finding =>
  finding('gpt.disk-shrunk', { expected: alternateLba + 1, found: sectors })

function decodeName(bytes: Uint8Array): string {
  const view = viewOf(bytes)
  let name = ''
  for (let i = 0; i < GPT_NAME_UNITS; i++) {
    const unit = view.getUint16(2 * i, true)
    if (unit === 0) break
    name += String.fromCharCode(unit)
  }
  return name.toWellFormed()
}

function decodeEntry(bytes: Uint8Array, number: number): PartitionEntry {
  const view = viewOf(bytes)
  return {
    number,
    typeGuid: decodeGuid(bytes.subarray(0, 16)),
    uniqueGuid: decodeGuid(bytes.subarray(16, 32)),
    firstLba: Number(view.getBigUint64(32, true)),
    lastLba: Number(view.getBigUint64(40, true)),
    attributes: view.getBigUint64(48, true).toString(16),
    name: decodeName(bytes.subarray(56, 128)),
  }
}

/** Null when its bytes were not given. */
function arrayOf({ bytes, start, sectorSize, further }: Area, header: GptHeader): Uint8Array | null {
  const length = header.entryCount * header.entrySize
  const from = header.entriesLba * sectorSize
  for (const piece of [{ offset: start * sectorSize, bytes }, ...further]) {
    const at = from - piece.offset
    if (at >= 0 && at + length <= piece.bytes.length) return piece.bytes.subarray(at, at + length)
  }
  return null
}

function decodeSide(area: Area): GptSide | Finding {
  const { side, sectorSize, sectors } = area
  const header = decodeHeader(area)
  if (isFinding(header)) return header
  const { entrySize, entryCount, firstUsableLba: low, lastUsableLba: high } = header
  const entries = arrayOf(area, header)
  if (!entries) {
    const last = header.entriesLba + Math.ceil((entryCount * entrySize) / sectorSize) - 1
    return finding('gpt.entries-elsewhere', { side, first: header.entriesLba, last, low: 0, high: sectors - 1 })
  }
  const computed = crc32(entries)
  if (computed !== header.entriesCrc)
    return finding('gpt.entries-crc', { side, expected: hex8(header.entriesCrc), found: hex8(computed) })
  const list: PartitionEntry[] = []
  for (let index = 0; index < entryCount; index++) {
    const bytes = entries.subarray(index * entrySize, index * entrySize + GPT_ENTRY_BYTES)
    if (bytes.subarray(0, 16).every((byte) => byte === 0)) continue
    const entry = decodeEntry(bytes, index + 1)
    const { number, firstLba: first, lastLba: last } = entry
    if (first < low || last > high || first > last)
      return finding('gpt.entry-out-of-range', { side, number, first, last, low, high })
    list.push(entry)
  }
  const overlap = findOverlap(list)
  if (overlap) return finding('gpt.entry-overlap', { side, ...overlap })
  return { header, entries, table: { diskGuid: header.diskGuid, sectorSize, sectors, entries: list } }
}

/** Sector 0: the four MBR entries at byte 446, 16 bytes each; byte 4 is the type, bytes 8 to 11 the first sector. */
function checkMbr(sector: Uint8Array): 'ok' | Finding {
  if (sector[510] !== 0x55 || sector[511] !== 0xaa) return finding('gpt.mbr-missing')
  const entries = [0, 1, 2, 3].map((index) => sector.subarray(446 + 16 * index, 462 + 16 * index))
  const used = entries.filter((entry) => entry[4] !== 0)
  const others = used.filter((entry) => entry[4] !== 0xee)
  if (used.length === 0) return finding('gpt.mbr-missing')
  if (others.length === used.length) return finding('gpt.mbr-foreign', { found: toHex(others[0].subarray(4, 5)) })
  if (others.length > 0) return finding('gpt.mbr-hybrid', { found: toHex(others[0].subarray(4, 5)) })
  return 'ok'
}

/** The backup as seen from an intact primary. */
function compareSides(primary: GptSide, backup: GptSide | Finding, sectors: number): 'ok' | Finding {
  const alternate = primary.header.alternateLba
  const difference = isFinding(backup) ? null : differenceOf(primary, backup)
  if (difference?.tables) return difference.finding
  if (alternate >= sectors) return shrunk(primary.header, sectors)
  if (alternate !== sectors - 1) return finding('gpt.backup-misplaced', { expected: sectors - 1, found: alternate })
  if (isFinding(backup)) return backup
  return difference?.finding ?? 'ok'
}

/** `tables`: partitions or the disk's name differ, not only the room around them. */
function differenceOf(primary: GptSide, backup: GptSide): { tables: boolean; finding: Finding } | null {
  const differ = (tables: boolean, field: string, expected: string | number, found: string | number) => ({
    tables,
    finding: finding('gpt.sides-disagree', { field, expected, found }),
  })
  const [ours, theirs] = [primary.header, backup.header]
  if (ours.diskGuid !== theirs.diskGuid) return differ(true, 'disk GUID', ours.diskGuid, theirs.diskGuid)
  if (JSON.stringify(primary.table.entries) !== JSON.stringify(backup.table.entries))
    return differ(true, 'entries (checksum)', hex8(ours.entriesCrc), hex8(theirs.entriesCrc))
  for (const field of ['firstUsableLba', 'lastUsableLba', 'entryCount', 'entrySize'] as const)
    if (ours[field] !== theirs[field]) return differ(false, field, ours[field], theirs[field])
  if (!equalBytes(primary.entries, backup.entries))
    return differ(true, 'entries (checksum)', hex8(ours.entriesCrc), hex8(theirs.entriesCrc))
  return null
}

/** The areas at both ends, sector by sector. */
function areasOf(
  head: Uint8Array,
  tail: Uint8Array,
  sectorSize: number,
  sectors: number,
  further: readonly GptPiece[],
) {
  const bytes = tail.subarray(tail.length % sectorSize)
  const common = { sectorSize, sectors, further }
  const primary: Area = { side: 'primary', bytes: head, start: 0, ...common }
  const backup: Area = { side: 'backup', bytes, start: sectors - bytes.length / sectorSize, ...common }
  return { primary, backup }
}

/** Where sound headers say that entries are, as far as that is outside of both ends: what decodeGpt needs besides. */
export function arraysElsewhere(
  head: Uint8Array,
  tail: Uint8Array,
  sectorSize: number,
  sectors: number,
): { offset: number; length: number }[] {
  return Object.values(areasOf(head, tail, sectorSize, sectors, [])).flatMap((area) => {
    const header = decodeHeader(area)
    if (isFinding(header) || arrayOf(area, header)) return []
    const length = alignUp(header.entryCount * header.entrySize, sectorSize)
    return [{ offset: header.entriesLba * sectorSize, length }]
  })
}

/** A header that is sound for sectors of the other size, where that one would be. */
function otherSectorSize(head: Uint8Array, sectorSize: number): Finding | null {
  for (const other of [512, 4096]) {
    if (other === sectorSize || head.length < 2 * other) continue
    const sectors = Number.MAX_SAFE_INTEGER
    const header = decodeHeader({ side: 'primary', bytes: head, start: 0, sectorSize: other, sectors, further: [] })
    if (!isFinding(header)) return finding('gpt.other-sector-size', { expected: other, found: sectorSize })
  }
  return null
}

/** Why there is no table, as one cause where the bytes prove one: no remedy of these asks for an intact side. */
function noTable(
  first: GptSide | Finding,
  last: GptSide | Finding,
  mbr: 'ok' | Finding,
  head: Uint8Array,
  sectorSize: number,
  sectors: number,
): Finding[] {
  if (mbr !== 'ok' && mbr.code === 'gpt.mbr-foreign') return [mbr]
  const other = otherSectorSize(head, sectorSize)
  if (other) return [other]
  if (!isFinding(first) || !isFinding(last)) return []
  if (first.code === 'gpt.disk-shrunk') return [first]
  if (first.code === 'gpt.no-signature' && last.code === first.code)
    return [finding('gpt.no-table', { first: 1, last: sectors - 1 })]
  const sentence = (each: Finding) => explain(each).message.replace(/\.$/, '')
  return [finding('gpt.unrepairable', { primary: sentence(first), backup: sentence(last) })]
}

/**
 * Reads a table from the first and the last GPT_EDGE_BYTES of a disk (all of it when it is smaller). `tail` ends
 * with the last whole sector; `further` holds what `arraysElsewhere` asked for. Never throws for any bytes; what is wrong
 * is in the findings.
 */
export function decodeGpt(
  head: Uint8Array,
  tail: Uint8Array,
  sectorSize: number,
  sectors: number,
  further: readonly GptPiece[] = [],
): GptReading {
  const mbrSector = head.slice(0, sectorSize)
  const protectiveMbr = checkMbr(mbrSector)
  const areas = areasOf(head, tail, sectorSize, sectors, further)
  const first = decodeSide(areas.primary)
  const last = decodeSide(areas.backup)
  const primary = isFinding(first) ? first : 'ok'
  const backup = isFinding(first) ? (isFinding(last) ? last : 'ok') : compareSides(first, last, sectors)
  const foreign = protectiveMbr !== 'ok' && protectiveMbr.code === 'gpt.mbr-foreign'
  const intact = (side: GptSide | Finding) => (foreign || isFinding(side) ? null : side)
  const sides = { primary: intact(first), backup: intact(last) }
  const source = sides.primary ?? sides.backup
  const findings = source
    ? [protectiveMbr, primary, backup].filter((part): part is Finding => part !== 'ok')
    : noTable(first, last, protectiveMbr, head, sectorSize, sectors)
  const used = source === null ? null : source === sides.primary ? 'primary' : 'backup'
  return {
    table: source?.table ?? null,
    used,
    primary,
    backup,
    protectiveMbr,
    findings,
    sides,
    sectors,
    sectorSize,
    mbrSector,
    source,
  }
}
