// Error codes of slots and their record on the ESP; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const slotErrors = defineErrors({
  'slot.not-selectable': {
    message: 'Slot {slot} is {verdict}: only a completely written slot can be selected.',
    remedy: 'Write a release into it with "twinslot flash", or add --force with a reason; the reason is recorded.',
    kind: 'unfit',
    retry: 'fix',
  },
  'slot.last-good': {
    message: 'Slot {slot} cannot be marked bad: slot {other} is {verdict}, so nothing would be left to boot.',
    remedy: 'Write a release into slot {other} first, or add --force with a reason; the reason is recorded.',
    kind: 'unfit',
    retry: 'fix',
  },
  'slot.record-copy-damaged': {
    message: 'One of the two copies of the slot record is damaged; the copy with number {seq} is used.',
    remedy: 'Nothing is lost; the next change of a slot writes the damaged copy anew.',
    kind: 'failed',
    retry: 'fix',
  },
  'slot.record-lost': {
    message: 'The slot record {file} is unreadable ({found}): what the slots hold is not known.',
    remedy:
      'Write the slots again ("twinslot flash"); compare with a release by "twinslot verify" before you rely on one.',
    kind: 'failed',
    retry: 'fix',
  },
  'slot.record-too-large': {
    message: 'The slot record needs {found} bytes; {expected} fit.',
    remedy: 'Use shorter texts (version, product, user name, reason).',
    kind: 'unfit',
    retry: 'fix',
  },
  'slot.not-this-release': {
    message:
      'Slot {slot} does not hold {release}: at byte {offset} of the disk, SHA-256 {expected} was signed, {found} is there. As recorded, the slot is {recorded}.',
    remedy:
      'Compare with the release that it shall hold, or write it anew with "twinslot flash". What is written is read back: a medium that fails is found then.',
    kind: 'failed',
    retry: 'fix',
  },
  'slot.content-differs': {
    message: 'Slot {slot} should have SHA-256 {expected}, as recorded when it was written; it has {found}.',
    remedy: 'The slot was changed or the disk is failing. Write it anew with "twinslot flash".',
    kind: 'unfit',
    retry: 'fix',
  },
})
