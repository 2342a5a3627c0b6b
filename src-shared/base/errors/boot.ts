// Error codes of the boot files on the ESP; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const bootErrors = defineErrors({
  'boot.ab-state-missing': {
    message: 'The ESP has no file {file}; the boot loader then takes the last good slot.',
    remedy: 'Select a slot with "twinslot slot default": it writes the file.',
    kind: 'failed',
    retry: 'fix',
  },
  'boot.ab-state-damaged': {
    message: '{file} should hold one line such as {expected}, but holds {found}; the boot loader ignores it.',
    remedy: 'Select a slot with "twinslot slot default": it writes the file.',
    kind: 'failed',
    retry: 'fix',
  },
  'boot.env-damaged': {
    message: 'The environment block {file} should be {expected}, but is {found}.',
    remedy: 'Any change of the boot selection ("twinslot slot default") writes it anew.',
    kind: 'failed',
    retry: 'fix',
  },
  'boot.env-lost': {
    message:
      'Neither environment block ({expected}) counts: only the note of the good slot, if there is one, says what may boot.',
    remedy: 'Mark the slot that works with "twinslot slot good": it writes both blocks anew.',
    kind: 'failed',
    retry: 'fix',
  },
  'boot.env-value': {
    message: 'In the environment block, {name} should be {expected}, but is {found}; it is ignored.',
    remedy: 'Any change of the boot selection ("twinslot slot default") writes it anew.',
    kind: 'failed',
    retry: 'fix',
  },
  'boot.env-full': {
    message: 'The environment block holds {expected} bytes; its variables need {found}.',
    remedy: 'Remove foreign variables with grub-editenv, then run the command again.',
    kind: 'failed',
    retry: 'fix',
  },
  'boot.write-differs': {
    message: '{file} was written, but reads back with other bytes.',
    remedy: 'The disk does not keep what is written to it: replace it.',
    kind: 'failed',
    retry: 'never',
  },
  'boot.no-loader': {
    message: 'The boot files of the release hold no {file}; firmware would find nothing to start.',
    remedy: 'Make the release with the directory of "twinslot release boot-files".',
    kind: 'unfit',
    retry: 'never',
  },
  'boot.kernel-unavailable': {
    message: 'The package {package} is neither in the package lists nor in the cache.',
    remedy: 'Run "apt-get update" with a network connection, then the command again.',
    kind: 'failed',
    retry: 'fix',
  },
  'boot.kernel-module': {
    message: 'The kernel has no module {module}.',
    remedy: 'Build with the full-flavour kernel (linux-image-amd64), not with the cloud one.',
    kind: 'failed',
    retry: 'never',
  },
})
