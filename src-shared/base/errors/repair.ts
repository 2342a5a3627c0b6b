// Error codes of the doctor: what it finds on a disk, and why it cannot repair something; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const repairErrors = defineErrors({
  'repair.no-loader': {
    message: 'The boot loader {file} on the disk is {found}; firmware finds nothing to start.',
    remedy: 'Put it back from a release with boot files: "twinslot doctor DISK --repair boot-loader --release R".',
    kind: 'failed',
    retry: 'fix',
  },
  'repair.env-copies-differ': {
    message: 'The environment block {file} and its copy {copy} say different things; the boot loader believes {file}.',
    remedy: 'Repair the boot environment: "twinslot doctor DISK --repair environment".',
    kind: 'failed',
    retry: 'fix',
  },
  'repair.slot-content': {
    message: 'Slot {slot} is recorded as {expected}, but holds {found}.',
    remedy: 'Let the doctor read it: "twinslot doctor DISK --repair slot-record", with a release to compare with.',
    kind: 'failed',
    retry: 'fix',
  },
  'repair.both-bad': {
    message: 'Neither slot is good: A is {wordA}, B is {wordB}.',
    remedy: 'Let the doctor read both ("twinslot doctor DISK --repair both-bad"), or write one with "twinslot flash".',
    kind: 'failed',
    retry: 'fix',
  },
  'repair.no-candidate': {
    message: 'No slot can be called good: neither is recorded as completely written (A is {wordA}, B is {wordB}).',
    remedy: 'Repair the record of the slots first, with the release that was written, or write a slot with "flash".',
    kind: 'unfit',
    retry: 'fix',
  },
  'repair.no-intact-slot': {
    message: 'No slot still holds what was written to it ({found}).',
    remedy: 'Write one with "twinslot flash".',
    kind: 'unfit',
    retry: 'fix',
  },
  'repair.no-release': {
    message: 'A boot loader can only be put back from a signed release, and none was given.',
    remedy: 'Name a bundle with boot files (--release R --trust KEYS).',
    kind: 'usage',
    retry: 'fix',
  },
})
