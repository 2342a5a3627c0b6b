// Error codes of GUID partition tables; see define.ts for the shape. `{side}` is primary, backup or new.
import { defineErrors, type ErrorSpec } from './define.ts'

// Findings about one side are told only where the other one is intact; see noTable of format/gpt-decode.ts.
const REPAIR = '"twinslot table repair" rebuilds this side from the other one, which is intact.'
const LOST = 'Nothing can be rebuilt from that. Provisioning makes a new table and erases everything.'

/** A table on a disk that is not as UEFI wants it. */
const unfit = (message: string, remedy: string = REPAIR): ErrorSpec => ({
  message,
  remedy,
  kind: 'unfit',
  retry: 'fix',
})

export const gptErrors = defineErrors({
  'gpt.no-signature': unfit('There is no GPT header at sector {lba}, where the {side} one belongs.'),
  'gpt.header-crc': unfit('The {side} GPT header is damaged: its checksum is {expected}, its bytes give {found}.'),
  'gpt.header-invalid': unfit('The {side} GPT header is wrong: {field} should be {expected} and is {found}.'),
  'gpt.entry-size': unfit('The {side} GPT header claims {found} bytes per entry; it must be 128 times a power of two.'),
  'gpt.too-many-entries': unfit('The {side} GPT header claims {found} entries; at most {limit} are accepted.'),
  'gpt.entries-elsewhere': unfit(
    'The {side} GPT entries are said to be in sectors {first} to {last}; they must lie in sectors {low} to {high}.',
  ),
  'gpt.entries-crc': unfit(
    'The {side} GPT entries are damaged: their checksum is {expected}, their bytes give {found}.',
  ),
  'gpt.entry-out-of-range': unfit(
    'Partition {number} of the {side} GPT spans sectors {first} to {last}; usable are {low} to {high}.',
  ),
  'gpt.entry-overlap': unfit('Partitions {number} and {other} of the {side} GPT overlap from sector {first} on.'),
  'gpt.backup-misplaced': unfit(
    'The backup GPT should be in the last sector {expected}; the primary says it is in sector {found}.',
    'The disk or file grew since it was partitioned. "twinslot table repair" moves the backup to its end.',
  ),
  'gpt.sides-disagree': unfit(
    'Primary and backup GPT are both intact but differ in {field}: {expected} and {found}.',
    'The primary is what boots. "twinslot inspect" shows both side by side; choose one with "twinslot table repair" and --keep primary or --keep backup.',
  ),
  'gpt.disk-shrunk': unfit(
    'The partition table was made for {expected} sectors; there are only {found}.',
    'The disk is smaller than the one it was copied from, or the copy was cut short. Copy it again, wholly, to a disk of at least that size.',
  ),
  'gpt.other-sector-size': unfit(
    'The partition table was made for sectors of {expected} bytes; this disk is seen with sectors of {found} bytes.',
    'Attach it as it was when it was partitioned (another adapter or enclosure, or the drive itself without one).',
  ),
  'gpt.no-table': unfit(
    'There is no GPT: neither sector {first} nor the last sector {last} holds a header of one.',
    LOST,
  ),
  'gpt.mbr-missing': unfit(
    'Sector 0 has no protective MBR, so other systems may take the disk for empty.',
    '"twinslot table repair" writes it anew; nothing else changes.',
  ),
  'gpt.mbr-foreign': unfit(
    'Sector 0 holds an MBR partition table of another system: its first entry has type 0x{found}, and none has the type 0xee that protects a GPT.',
    'Twinslot does not change such a table. Make sure that nobody needs what is on the disk; provisioning erases everything.',
  ),
  'gpt.mbr-hybrid': unfit(
    'Sector 0 holds a hybrid MBR: besides the protective entry 0xee one of type 0x{found}.',
    'Twinslot goes by the GPT and leaves the hybrid MBR as it is; it may be stale. Provisioning makes a plain one.',
  ),
  'gpt.disk-too-small': unfit(
    'A disk of {found} sectors of {sectorSize} bytes cannot hold a GPT; {needed} sectors are the least.',
    'Use a larger disk.',
  ),
  'gpt.entry-number': {
    message: 'Partition number {number} cannot be written; numbers from 1 to {limit} that occur once can.',
    remedy: 'Correct the layout.',
    kind: 'usage',
    retry: 'fix',
  },
  'gpt.entry-guid': {
    message: 'Partition {number}: "{found}" is no GUID of the form 01234567-89AB-CDEF-0123-456789ABCDEF.',
    remedy: 'Correct the layout.',
    kind: 'usage',
    retry: 'fix',
  },
  'gpt.entry-name': {
    message:
      'Partition {number} has the name "{name}" of {found} UTF-16 units; at most {limit} without NUL can be written.',
    remedy: 'Give it a shorter name in the layout.',
    kind: 'usage',
    retry: 'fix',
  },
  'gpt.unrepairable': unfit('Neither side of the GPT can be trusted. {primary}. {backup}.', LOST),
})
