// Error codes of the FAT32 codec (EFI system partition); see define.ts for the shape.
import { defineErrors } from './define.ts'

export const fatErrors = defineErrors({
  'fat.too-small': {
    message:
      'A FAT32 file system with {sectorSize}-byte sectors needs at least {needed|bytes} ({needed} bytes); {found|bytes} ({found} bytes) were given.',
    remedy: 'Make the EFI system partition larger in the layout.',
    kind: 'unfit',
    retry: 'fix',
  },
  'fat.bad-geometry': {
    message: 'FAT32 cannot be made with {what} {found}; allowed: {expected}.',
    remedy: 'Correct the layout.',
    kind: 'usage',
    retry: 'fix',
  },
  'fat.not-fat32': {
    message: 'There is no FAT32 file system at byte {offset}: {what} is {found}, expected {expected}.',
    remedy: 'Check that this is the EFI system partition; provision the disk if it never was.',
    kind: 'unfit',
    retry: 'fix',
  },
  'fat.damaged': {
    message: 'The FAT32 file system is damaged: {what} is {found}, expected {expected}.',
    remedy: 'Repair it with fsck.vfat on another computer, or provision the disk again.',
    kind: 'failed',
    retry: 'fix',
  },
  'fat.not-found': {
    message: 'There is no {path} on the EFI system partition.',
    remedy: 'List what is there with: twinslot esp list.',
    kind: 'failed',
    retry: 'fix',
  },
  'fat.wrong-kind': {
    message: '{path} is a {found}, expected a {expected}.',
    remedy: 'Choose another path; list what is there with: twinslot esp list.',
    kind: 'failed',
    retry: 'fix',
  },
  'fat.bad-name': {
    message: 'The name {name} cannot be stored on FAT32: {reason}.',
    remedy:
      'Choose another name: at most 255 characters, none of " * : < > ? | or control characters, no dot or space at the end.',
    kind: 'usage',
    retry: 'fix',
  },
  'fat.duplicate-name': {
    message: 'Both {path} and {other} were given; on FAT32 they are the same file.',
    remedy: 'Keep one of the two.',
    kind: 'usage',
    retry: 'fix',
  },
  'fat.full': {
    message:
      'The EFI system partition has {found|bytes} ({found} bytes) free; {needed|bytes} ({needed} bytes) are needed.',
    remedy: 'Remove files from it, or make it larger in the layout and provision again.',
    kind: 'unfit',
    retry: 'fix',
  },
  'fat.directory-full': {
    message: 'The directory {path} would hold {found} entries; FAT allows {expected}.',
    remedy: 'Spread the files over several directories.',
    kind: 'unfit',
    retry: 'fix',
  },
  'fat.file-too-large': {
    message: '{path} has {found|bytes} ({found} bytes); the limit here is {expected|bytes} ({expected} bytes).',
    remedy: 'Use a smaller file.',
    kind: 'unfit',
    retry: 'fix',
  },
  'fat.length-differs': {
    message: '{path} is {expected} bytes long and can only be overwritten in place by as many; {found} were given.',
    remedy: 'Write the whole file anew instead.',
    kind: 'failed',
    retry: 'never',
  },
  'fat.not-empty': {
    message: 'The directory {path} still holds {found} entries.',
    remedy: 'Remove them first.',
    kind: 'failed',
    retry: 'fix',
  },
})
