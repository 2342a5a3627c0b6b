// Error codes of an appliance working on its own disk; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const ownErrors = defineErrors({
  'own.disk-unknown': {
    message: 'The disk that this appliance runs from cannot be told: {reason}.',
    remedy: 'Nothing was written. Restart the appliance; if it stays so, look at the disk at the bench.',
    kind: 'unfit',
    retry: 'fix',
  },
  'own.disk-twice': {
    message: 'More than one disk holds {what}: {found}. One of them is a copy.',
    remedy: 'Nothing was written. Remove the copy, then restart the appliance.',
    kind: 'unfit',
    retry: 'fix',
  },
  'own.slot-unclear': {
    message: 'Which slot runs cannot be told for sure: {reason}.',
    remedy: 'Nothing was written. Start the appliance through its own boot menu, which names the slot.',
    kind: 'unfit',
    retry: 'fix',
  },
  'own.out-of-bounds': {
    message: 'Bytes {offset} to {end} of {disk} are neither in the standby slot nor in the ESP.',
    remedy: 'This is a fault in the program; nothing was written there. Report it with the log.',
    kind: 'failed',
    retry: 'never',
  },
  'own.not-running': {
    message: 'Slot {slot} is not the running one ({running} is), so it has proved nothing.',
    remedy: 'Confirm the slot that runs, or start slot {slot} first.',
    kind: 'unfit',
    retry: 'fix',
  },
  'own.no-way-back': {
    message: 'Slot {slot} is {verdict}: there is nothing to go back to.',
    remedy: 'Write a release into slot {slot}; until then the running slot stays selected.',
    kind: 'unfit',
    retry: 'fix',
  },
  'own.version-differs': {
    message: 'Version {expected} was announced, but the signed release says {found}.',
    remedy: 'Correct the announcement (order, rollout or channel), or publish the release that it names.',
    kind: 'untrusted',
    retry: 'never',
  },
  'own.runs-another': {
    message: 'Slot {slot} runs version {found}, as its system says; the record of the slot says {expected}.',
    remedy:
      'Updates go by what runs. The slot was written by something else than these programs: write a signed release into it.',
    kind: 'failed',
    retry: 'fix',
  },
  'own.no-trusted-keys': {
    message: 'No release can be trusted: {reason}.',
    remedy: 'Put the public keys of the release makers into {folder} of the system image; list no others in {list}.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'own.keys-unreadable': {
    message: 'The trust settings {file} cannot be read: {reason}.',
    remedy: 'Correct the file; until then no release is accepted.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'own.esp-writable': {
    message: 'The ESP is mounted read-write at {mount} and cannot be made read-only: {reason}.',
    remedy: 'Close what has files open there, or mount it with "ro" (fstab), then try again.',
    kind: 'failed',
    retry: 'again',
  },
  'own.esp-stale': {
    message: '{mount} still shows old boot files: {file} there differs from the one on the disk.',
    remedy: 'Nothing is wrong with the disk, which is what the boot loader reads; the next start shows the new files.',
    kind: 'failed',
    retry: 'fix',
  },
})
