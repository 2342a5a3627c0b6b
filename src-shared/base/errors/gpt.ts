// Error codes of GUID partition tables; see define.ts for the shape. `{side}` is primary, backup or new.
import { defineErrors, type ErrorSpec } from './define.ts'

const REPAIR =
  '"twinslot table repair" rebuilds a damaged side from an intact one; provisioning anew erases everything.'

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
    'The disk or file changed its size since it was partitioned. Provision it anew, or move the backup with "sgdisk -e".',
  ),
  'gpt.sides-disagree': unfit(
    'Primary and backup GPT are both intact but differ in {field}: {expected} and {found}.',
    'The primary is what boots. Look at the disk with "twinslot inspect" and rewrite the backup when it is as you expect.',
  ),
  'gpt.mbr-missing': unfit('Sector 0 has no protective MBR, so other systems may take the disk for empty.'),
  'gpt.mbr-foreign': unfit('Sector 0 holds an MBR partition table (first type 0x{found}) and no protective entry.'),
  'gpt.mbr-hybrid': unfit('Sector 0 holds a hybrid MBR: besides the protective entry one of type 0x{found}.'),
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
  'gpt.unrepairable': unfit('Neither side of the GPT can be trusted: {primary}, {backup}.'),
})
