// Error codes of reading, editing and restoring /config on a detached disk; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const restoreErrors = defineErrors({
  'restore.no-place': {
    message: 'The disk {disk} has no partition CONFIG, DATA or MSP-DATA with an ext4 file system ({found}).',
    remedy: 'Look at it with "twinslot inspect"; provision it with --config if it shall become an appliance disk.',
    kind: 'unfit',
    retry: 'never',
  },
  'restore.encrypted': {
    message: 'Partition {name} is encrypted; its files can neither be read nor replaced from here.',
    remedy: 'Restore on the appliance itself, or provision the disk anew with --config and --luks-key.',
    kind: 'unfit',
    retry: 'never',
  },
  'restore.unsound': {
    message: 'The file system of partition {name} has errors that are not safe to write over: {found}.',
    remedy: 'Save what matters, then repair it with "e2fsck" or provision the disk anew.',
    kind: 'unfit',
    retry: 'fix',
  },
  'restore.too-much-data': {
    message: 'The partition holds {found|bytes}; at most {expected|bytes} are copied aside to change /config safely.',
    remedy: 'Restore on the appliance itself, or move its data away first.',
    kind: 'unfit',
    retry: 'fix',
  },
  'restore.nothing': {
    message: '{from} holds no files for /config.',
    remedy: 'Choose the folder that holds the files themselves.',
    kind: 'usage',
    retry: 'fix',
  },
  'restore.odd-name': {
    message: 'A name in {directory} on the disk cannot be used here: {found}.',
    remedy: 'Remove or rename it on the appliance.',
    kind: 'unfit',
    retry: 'fix',
  },
  'restore.secret': {
    message: '{file} is a secret: it is restored as it is, but neither shown nor edited here.',
    remedy: 'Change it in the folder that the configuration came from, then open that folder again.',
    kind: 'unfit',
    retry: 'never',
  },
  'restore.bad-file-name': {
    message: '{file} cannot be a file of /config: {reason}.',
    remedy: 'Use a relative path of plain names.',
    kind: 'usage',
    retry: 'fix',
  },
})
