// Error codes of planning and running a job; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const planErrors = defineErrors({
  'job.cancelled': {
    message: 'The job was cancelled.',
    remedy: 'Run the same command again: it continues, and checks what is already there.',
    kind: 'cancelled',
    retry: 'again',
  },
  'job.journal-damaged': {
    message: 'The journal {file} cannot be read at line {line}.',
    remedy: 'Move the file away and run the command again; the job then starts from the beginning.',
    kind: 'unfit',
    retry: 'fix',
  },
  'job.journal-unusable': {
    message:
      'The journal {file} cannot be read or written ({reason}); without it an interrupted job could not continue.',
    remedy:
      'Check space and permission of that folder, or name another one in the environment variable TWINSLOT_STATE.',
    kind: 'unfit',
    retry: 'fix',
  },
  'job.reports-unusable': {
    message: 'The folder {file} cannot be used for reports ({reason}): none can be read there, and none kept.',
    remedy:
      'Check space and permission of that folder; the command line takes another one from the environment variable TWINSLOT_STATE.',
    kind: 'unfit',
    retry: 'fix',
  },
  'plan.changed': {
    message: 'The confirmed plan was {expected}, but planning again just before the first write gave {found}.',
    remedy: 'Something changed in between (disk, release or request). Look at the new plan and confirm it again.',
    kind: 'unfit',
    retry: 'fix',
  },
  'plan.disk-changed': {
    message: 'The confirmed disk was {expected}; the one now at {path} is {found}.',
    remedy: 'Check which disk is plugged in, then plan and confirm again.',
    kind: 'unfit',
    retry: 'fix',
  },
  'plan.no-system-image': {
    message: 'The release {release} holds no system image.',
    remedy: 'Use a release that was made with --system.',
    kind: 'unfit',
    retry: 'never',
  },
  'plan.no-boot-files': {
    message: 'The release {release} carries no boot files, so a new disk could not boot.',
    remedy: 'Name a signed bundle that has them with --boot.',
    kind: 'unfit',
    retry: 'fix',
  },
  'plan.seed-nameless': {
    message:
      '{path} reports neither a serial number nor a WWN: with --seed, the next such disk would get the same GUIDs.',
    remedy: 'Leave --seed out; a random seed is used then.',
    kind: 'unfit',
    retry: 'fix',
  },
  'plan.boot-product': {
    message: 'The system image is for product {system}, the boot files are for product {boot}.',
    remedy: 'Take both from releases of one product.',
    kind: 'unfit',
    retry: 'never',
  },
  'plan.image-too-large': {
    message:
      'The image is {imageSize|bytes} ({imageSize} bytes); slot {slot} holds {slotSize|bytes} ({slotSize} bytes).',
    remedy: 'Use a smaller image, or a layout with larger slots.',
    kind: 'unfit',
    retry: 'never',
  },
  'plan.boot-files-too-large': {
    message: 'The boot files need {needed|bytes}; at most {found|bytes} fit into the ESP.',
    remedy: 'Make the release with fewer boot files, or use a layout with a larger ESP.',
    kind: 'unfit',
    retry: 'never',
  },
  'plan.not-ab-disk': {
    message: 'The disk {disk} has no ESP with slots A and B that can be read ({found}).',
    remedy: 'Look at it with "twinslot inspect"; provision it if it shall become an appliance disk.',
    kind: 'unfit',
    retry: 'never',
  },
  'plan.only-slot': {
    message:
      'Slot {slot} is what the disk boots, and slot {other} is {verdict}: writing now would leave nothing to boot.',
    remedy: 'Write and prove slot {other} first ("twinslot slot good"), make it the default, then write slot {slot}.',
    kind: 'unfit',
    retry: 'fix',
  },
  'plan.slot-running': {
    message: 'Slot {slot} is the running one; only slot {other} can be written or tried from here.',
    remedy: 'Name slot {other}, or change slot {slot} at the bench.',
    kind: 'unfit',
    retry: 'never',
  },
  'plan.slot-unproven': {
    message:
      'Slot {running} runs without being confirmed as good (the good one is {good}), so slot {slot} is what it falls back to.',
    remedy: 'Wait until the health gate has confirmed slot {running}, or mark it good, then try again.',
    kind: 'unfit',
    retry: 'fix',
  },
  'plan.nothing-to-repair': {
    message: 'There is nothing to repair on {disk}: {part}.',
    remedy: 'Nothing needs to be done.',
    kind: 'unfit',
    retry: 'never',
  },
  'plan.choose-table-side': {
    message:
      'Both partition tables of {disk} are intact, but they differ. To keep the primary would lose {primary}; to keep the backup would lose {backup}.',
    remedy: '"twinslot inspect" shows both side by side. Choose by {commands}.',
    kind: 'unfit',
    retry: 'fix',
  },
  'plan.table-side-damaged': {
    message: 'The {side} partition table of {disk} is not intact, so nothing can be made like it.',
    remedy: 'Leave out --keep: the intact side is taken.',
    kind: 'unfit',
    retry: 'fix',
  },
  'plan.no-luks-key': {
    message: 'The layout encrypts {label}, but no key was given.',
    remedy: 'Name a file that holds the key or passphrase with --luks-key.',
    kind: 'usage',
    retry: 'fix',
  },
  'plan.config-missing-partition': {
    message: 'The layout {layout} has no place for /config.',
    remedy: 'Add a partition with role config or data to the layout, or leave out --config.',
    kind: 'unfit',
    retry: 'fix',
  },
})
