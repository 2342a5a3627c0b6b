// English: what a plan says (src-shared/model/plan-text.ts), one message per kind. The same words as the command line's: they are
// src-shared/plan/describe.ts, and sentences.test.ts compares them.
import type { ErasedText, JobText, KeptText, StepText } from '#model/plan-text.ts'

/** Every kind of sentence that a plan can have: a new kind does not compile without its messages. */
export type SentenceKey =
  | `plan.title.${JobText['kind']}`
  | `plan.job.${JobText['kind']}`
  | `plan.erased.${ErasedText['kind']}`
  | `plan.kept.${KeptText['kind']}`
  | `plan.step.${StepText['kind']}`

export type Sentences = Readonly<Record<SentenceKey, string>>

export const sentencesEn = {
  'plan.title.provision':
    'Disk {name} ({size}, {path}) will be erased and provisioned with {version} (layout {layout}).',
  'plan.title.flash': 'Disk {name} ({size}, {path}): slot {slot} will be overwritten with {version}.',
  'plan.title.slot-default': 'Disk {name} ({size}, {path}): slot {slot} becomes the default.',
  'plan.title.slot-once': 'Disk {name} ({size}, {path}): slot {slot} boots once.',
  'plan.title.slot-good': 'Disk {name} ({size}, {path}): slot {slot} is marked good.',
  'plan.title.slot-bad': 'Disk {name} ({size}, {path}): slot {slot} is marked bad.',
  'plan.title.slot-reset': 'Disk {name} ({size}, {path}): the tries of slot {slot} are reset.',
  'plan.title.repair-table': 'Disk {name} ({size}, {path}): its partition table will be repaired.',
  'plan.title.repair-environment': 'Disk {name} ({size}, {path}): its boot environment will be repaired.',
  'plan.title.repair-ab-state': 'Disk {name} ({size}, {path}): the file that selects the slot will be written anew.',
  'plan.title.repair-boot-loader': 'Disk {name} ({size}, {path}): its boot loader will be put back.',
  'plan.title.repair-slot-record': 'Disk {name} ({size}, {path}): the record of its slots will be corrected.',
  'plan.title.repair-both-bad': 'Disk {name} ({size}, {path}): an intact slot will get another chance.',
  'plan.title.restore':
    'Disk {name} ({size}, {path}): /config will be replaced by {files, plural, one {# file} other {# files}}.',
  'plan.job.provision': 'Provision with {version} (layout {layout})',
  'plan.job.flash': 'Write {version} into slot {slot}',
  'plan.job.slot-default': 'Make default: slot {slot}',
  'plan.job.slot-once': 'Boot once: slot {slot}',
  'plan.job.slot-good': 'Confirm as good: slot {slot}',
  'plan.job.slot-bad': 'Mark as bad: slot {slot}',
  'plan.job.slot-reset': 'Reset tries of slot {slot}',
  'plan.job.repair-table': 'Repair the partition table',
  'plan.job.repair-environment': 'Repair the boot environment',
  'plan.job.repair-ab-state': 'Repair the choice of the slot',
  'plan.job.repair-boot-loader': 'Put the boot loader back',
  'plan.job.repair-slot-record': 'Correct the record of the slots',
  'plan.job.repair-both-bad': 'Give an intact slot another chance',
  'plan.job.restore': 'Restore /config',
  'plan.erased.mbr-disk': 'a disk with an MBR partition table',
  'plan.erased.unknown-content': 'content of an unknown kind',
  'plan.erased.other-product': 'an appliance of another product: found {found}, wanted {wanted}',
  'plan.erased.partition':
    'partition {number} "{name}" ({type, select, esp {EFI system} linux {Linux} other {other}}, {size}{held, select, version {, version {version}} unnamed {, version unknown} other {}})',
  'plan.erased.device-partition':
    '{node} "{name}" ({type, select, esp {EFI system} linux {Linux} other {other}}, {size}{held, select, version {, version {version}} unnamed {, version unknown} other {}})',
  'plan.erased.slot':
    'slot {slot} ({held, select, version {version {version}} unnamed {version unknown} empty {empty} incomplete {incomplete} other {unknown}})',
  'plan.erased.config-partition': '/config, the whole of partition {number} "{name}"',
  'plan.erased.config-files': 'the files of /config in partition {number} "{name}"',
  'plan.kept.slot': 'slot {slot}',
  'plan.kept.esp': 'EFI system partition',
  'plan.kept.config-and-data': 'configuration and data',
  'plan.kept.both-slots': 'both slots',
  'plan.kept.boot-loader': 'boot loader',
  'plan.kept.boot-loader-and-environment': 'boot loader and its environment',
  'plan.kept.slot-choice': 'which slot boots',
  'plan.kept.slots-and-boot': 'both slots and what boots',
  'plan.kept.other-partitions': 'all other partitions',
  'plan.kept.other-data': 'all other data',
  'plan.kept.partitions': 'every partition and its content',
  'plan.kept.everything': 'everything',
  'plan.step.wipe': 'Erase old partition tables and file system signatures',
  'plan.step.write-slot': 'Write slot {slot}: {size} and read it back',
  'plan.step.write-slot-changed': 'Write slot {slot}: {size} and read it back (only blocks that differ)',
  'plan.step.make-filesystem':
    'Make partition {number} "{name}": {filesystem}, {size}{files, plural, =0 {} one {, # file for /config} other {, # files for /config}}',
  'plan.step.make-esp': 'Make the EFI system partition: {size}, slot {slot} boots',
  'plan.step.probe-disk': 'Put marks all over the disk and read them back: it must be as large as it claims',
  'plan.step.check-disk': 'Read the marks once more: they must not have changed while the rest was written',
  'plan.step.write-table':
    'Write the partition table ({partitions, plural, one {# partition} other {# partitions}}), the primary header last',
  'plan.step.table-from-primary': 'Write the other side of the partition table anew from the primary one',
  'plan.step.table-from-backup': 'Write the other side of the partition table anew from the backup one',
  'plan.step.record-incomplete': 'Record slot {slot} as Incomplete',
  'plan.step.record-slot': 'Record what slot {slot} holds',
  'plan.step.check-slot': 'Check slot {slot}: read {size} and compare with the recorded digest',
  'plan.step.boot-once': 'Boot slot {slot} next, once until it is confirmed',
  'plan.step.boot-trial': 'Boot slot {slot} next, {tries, plural, one {# try} other {# tries}} until it is confirmed',
  'plan.step.boot-good': 'Boot slot {slot} next (it is confirmed good)',
  'plan.step.mark-good': 'Mark slot {slot} good and boot it from now on',
  'plan.step.mark-bad': 'Mark slot {slot} bad',
  'plan.step.reset-tries': 'Clear the failure mark and the tries of slot {slot}',
  'plan.step.write-selection': 'Write the file that selects the slot: {slot}, as it boots anyway',
  'plan.step.write-environment':
    'Write both copies of the boot environment: {good, select, none {no slot is good} other {slot {good} is good}}',
  'plan.step.write-environment-copy':
    'Write the damaged copy of the boot environment: {good, select, none {no slot is good} other {slot {good} is good}}',
  'plan.step.put-boot-files': 'Put back {files}',
  'plan.step.write-record': 'Write the record of the slots anew',
  'plan.step.identify-slot': 'Read slot {slot} and record what is in it',
  'plan.step.identify-slots': 'Read slot {first}, then {second}, and record what is in them',
  'plan.step.revive-slot':
    'Read slot {slot}; if it equals its recorded digest, it boots next, 3 tries until it is confirmed',
  'plan.step.revive-slots':
    'Read slot {first}, then {second}; the first that equals its recorded digest boots next, 3 tries until it is confirmed',
  'plan.step.keep-config': 'Copy the present files of /config into the folder of the journal',
  'plan.step.replace-files':
    'Replace the files in /{directory} by {files, plural, one {# other} other {# others}}; everything else stays',
} as const satisfies Sentences
