// GUID partition tables as data (UEFI 2.10 chapter 5). Bytes <-> model is format/gpt.ts.

export interface PartitionEntry {
  /** 1-based index in the table. */
  readonly number: number
  readonly typeGuid: string
  readonly uniqueGuid: string
  /** First and last sector, inclusive, as in the table. */
  readonly firstLba: number
  readonly lastLba: number
  /** 64-bit attribute flags, hexadecimal without prefix ("0"). */
  readonly attributes: string
  readonly name: string
}

export interface PartitionTable {
  readonly diskGuid: string
  readonly sectorSize: number
  /** Sectors of the whole disk. */
  readonly sectors: number
  readonly entries: readonly PartitionEntry[]
}

export const TYPE_GUID = {
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  linux: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
  luks: 'CA7D7CCB-63ED-4C53-861C-1742536059CC',
} as const
