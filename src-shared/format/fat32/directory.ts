// Directory entries: 32-byte records, a long name spread over several records before its 8.3 record.
// Follows "Microsoft FAT Specification" (2005), sections 6 and 7. Decoding takes any bytes and never throws.
import { viewOf } from '#base/bytes.ts'
import { decodeShortName, foldName, shortChecksum } from './names.ts'

export const ENTRY = 32
/** Records a directory may hold (2 MiB, spec 6). */
export const MAX_ENTRIES = 65536
export const ATTR_READ_ONLY = 0x01
export const ATTR_VOLUME = 0x08
export const ATTR_DIRECTORY = 0x10
export const ATTR_ARCHIVE = 0x20
const ATTR_LONG = 0x0f
const LONG_PLACES = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]

export interface DirectoryRecord {
  readonly name: string
  /** 11 characters as stored. */
  readonly short: string
  readonly attributes: number
  readonly cluster: number
  readonly size: number
  /** FAT date and time of the last change, as stored. */
  readonly date: number
  readonly time: number
  /** Index of the first record (of the long name, when there is one) and of the 8.3 record. */
  readonly first: number
  readonly index: number
}

export interface ScannedDirectory {
  readonly records: readonly DirectoryRecord[]
  readonly label: string | null
  /** Index of the record that marks the end, or the number of records when none does. */
  readonly end: number
}

/** FAT date and time of the UTC fields of `when`, clamped to 1980 to 2107. */
export function fatTime(when: Date): { date: number; time: number } {
  const year = when.getUTCFullYear()
  if (!(year >= 1980)) return { date: (1 << 5) | 1, time: 0 }
  if (year > 2107) return { date: (127 << 9) | (12 << 5) | 31, time: 0 }
  return {
    date: ((year - 1980) << 9) | ((when.getUTCMonth() + 1) << 5) | when.getUTCDate(),
    time: (when.getUTCHours() << 11) | (when.getUTCMinutes() << 5) | (when.getUTCSeconds() >> 1),
  }
}

export interface NewRecord {
  readonly short: string
  readonly attributes: number
  readonly cluster: number
  readonly size: number
  readonly when: Date
}

/** The 32 bytes of an 8.3 record. */
export function encodeRecord({ short, attributes, cluster, size, when }: NewRecord): Uint8Array {
  const bytes = new Uint8Array(ENTRY)
  for (let i = 0; i < 11; i++) bytes[i] = short.charCodeAt(i)
  bytes[11] = attributes
  const { date, time } = fatTime(when)
  const view = viewOf(bytes)
  view.setUint16(14, time, true)
  view.setUint16(16, date, true)
  view.setUint16(18, date, true)
  view.setUint16(20, cluster >>> 16, true)
  view.setUint16(22, time, true)
  view.setUint16(24, date, true)
  view.setUint16(26, cluster & 0xffff, true)
  view.setUint32(28, size, true)
  return bytes
}

/** The long-name records that stand before the 8.3 record whose name is `short`. */
export function encodeLongName(name: string, short: string): Uint8Array {
  const checksum = shortChecksum(Uint8Array.from(short, (char) => char.charCodeAt(0)))
  const count = Math.ceil(name.length / 13)
  const bytes = new Uint8Array(count * ENTRY)
  const view = viewOf(bytes)
  for (let part = 0; part < count; part++) {
    // Stored backwards: the last part first, marked 0x40.
    const at = (count - 1 - part) * ENTRY
    bytes[at] = (part + 1) | (part === count - 1 ? 0x40 : 0)
    bytes[at + 11] = ATTR_LONG
    bytes[at + 13] = checksum
    for (let i = 0; i < 13; i++) {
      const position = part * 13 + i
      const unit = position < name.length ? name.charCodeAt(position) : position === name.length ? 0 : 0xffff
      view.setUint16(at + LONG_PLACES[i], unit, true)
    }
  }
  return bytes
}

/** Long and 8.3 records together, as they stand in a directory. */
export function encodeEntry(name: string, needsLong: boolean, record: NewRecord): Uint8Array {
  const long = needsLong ? encodeLongName(name, record.short) : new Uint8Array(0)
  const bytes = new Uint8Array(long.length + ENTRY)
  bytes.set(long)
  bytes.set(encodeRecord(record), long.length)
  return bytes
}

/** The first two records of every directory but the root. */
export function encodeDots(self: number, parent: number, when: Date): Uint8Array {
  const bytes = new Uint8Array(2 * ENTRY)
  const dot = (short: string, cluster: number) =>
    encodeRecord({ short: short.padEnd(11), attributes: ATTR_DIRECTORY, cluster, size: 0, when })
  bytes.set(dot('.', self))
  bytes.set(dot('..', parent), ENTRY)
  return bytes
}

/** Cluster number of an 8.3 record at byte `at`. */
const clusterAt = (view: DataView, at: number): number =>
  ((view.getUint16(at + 20, true) << 16) | view.getUint16(at + 26, true)) >>> 0

/** Collects the parts of a long name; gives it only when every part is there, in order, with one checksum. */
class LongName {
  private units: number[][] = []
  private expected = 0
  private checksum = 0
  first = 0

  add(bytes: Uint8Array, view: DataView, at: number, index: number): void {
    const order = bytes[at] & 0x1f
    if (bytes[at] & 0x40) {
      this.units = []
      this.expected = order
      this.checksum = bytes[at + 13]
      this.first = index
    }
    if (order === 0 || order !== this.expected || order > 20 || bytes[at + 13] !== this.checksum) {
      this.clear()
      return
    }
    this.units.unshift(LONG_PLACES.map((place) => view.getUint16(at + place, true)))
    this.expected--
    // `expected` 0 with parts collected means complete.
    if (this.expected === 0) this.expected = -1
  }

  take(short: Uint8Array): string | null {
    const complete = this.expected === -1 && shortChecksum(short) === this.checksum
    const units = complete ? this.units.flat() : []
    this.clear()
    const end = units.indexOf(0)
    const used = end < 0 ? units : units.slice(0, end)
    return used.length > 0 ? String.fromCharCode(...used) : null
  }

  clear(): void {
    this.units = []
    this.expected = 0
  }
}

/** Reads the records of a directory's bytes; damaged long names fall back to the 8.3 name. */
export function scanDirectory(bytes: Uint8Array): ScannedDirectory {
  const view = viewOf(bytes)
  const count = Math.floor(bytes.length / ENTRY)
  const records: DirectoryRecord[] = []
  const long = new LongName()
  let label: string | null = null
  for (let index = 0; index < count; index++) {
    const at = index * ENTRY
    const lead = bytes[at]
    if (lead === 0) return { records, label, end: index }
    const attributes = bytes[at + 11]
    if (lead === 0xe5) {
      long.clear()
      continue
    }
    if ((attributes & 0x3f) === ATTR_LONG) {
      long.add(bytes, view, at, index)
      continue
    }
    const stored = bytes.slice(at, at + 11)
    const first = long.first
    const longName = long.take(stored)
    // 0x05 stands for 0xE5, which would mean "deleted".
    const short = String.fromCharCode(lead === 5 ? 0xe5 : lead, ...stored.subarray(1))
    if (attributes & ATTR_VOLUME) {
      label ??= short.trimEnd()
      continue
    }
    if (short.startsWith('.')) continue
    records.push({
      name: longName ?? decodeShortName(short, bytes[at + 12]),
      short,
      attributes,
      cluster: clusterAt(view, at),
      size: view.getUint32(at + 28, true),
      date: view.getUint16(at + 24, true),
      time: view.getUint16(at + 22, true),
      first: longName === null ? index : first,
      index,
    })
  }
  return { records, label, end: count }
}

export const isDirectory = (record: DirectoryRecord): boolean => (record.attributes & ATTR_DIRECTORY) !== 0

/** The record that a name means: its long name, else its 8.3 name, without regard to case. */
export const findRecord = (
  directory: { readonly records: readonly DirectoryRecord[] },
  name: string,
): DirectoryRecord | null => {
  const folded = foldName(name)
  const byLong = directory.records.find((record) => foldName(record.name) === folded)
  if (byLong) return byLong
  const shortOf = ({ short }: DirectoryRecord) => {
    const extension = short.slice(8).trimEnd()
    return short.slice(0, 8).trimEnd() + (extension ? `.${extension}` : '')
  }
  return directory.records.find((record) => shortOf(record) === folded) ?? null
}
