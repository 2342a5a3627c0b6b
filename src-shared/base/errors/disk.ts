// Error codes of disks and block devices; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const diskErrors = defineErrors({
  'disk.lost': {
    message: 'The disk {disk} disappeared: {operation} at byte {offset} failed with {reason}.',
    remedy: 'Check cable and port, then run the same command again: it continues, and checks what is already there.',
    kind: 'lost',
    retry: 'again',
  },
  // Block devices and image files (node/disk/raw-device.ts and its adapters).
  'disk.not-found': {
    message: 'There is no disk or image file at {disk}.',
    remedy: 'Look at the list of "twinslot disks"; for a new image file add --create SIZE.',
    kind: 'unfit',
    retry: 'fix',
  },
  'disk.named-twice': {
    message: '{disk} and {other} are the same disk, or lie on the same one: {found}.',
    remedy: 'Name each disk once, by the path that "twinslot disks" shows.',
    kind: 'unfit',
    retry: 'fix',
  },
  'disk.is-directory': {
    message: '{disk} is a directory, not a disk or an image file.',
    remedy: 'Name the image file itself, or a disk from "twinslot disks".',
    kind: 'unfit',
    retry: 'never',
  },
  'disk.not-a-disk': {
    message: '{disk} is a {found}, not a disk or a regular file.',
    remedy: 'Name a disk from "twinslot disks" or an image file.',
    kind: 'unfit',
    retry: 'never',
  },
  'disk.no-size': {
    message: '{disk} has a size of {found} bytes; a disk has at least one sector of {expected} bytes.',
    remedy: 'Put a medium into the reader, or create the image file with --create SIZE.',
    kind: 'unfit',
    retry: 'fix',
  },
  'disk.file-exists': {
    message: 'The file {disk} exists already ({found|bytes}).',
    remedy: 'Leave out --create to use the existing file, or name another one.',
    kind: 'unfit',
    retry: 'never',
  },
  'disk.moved': {
    message: 'What was opened is not {disk} any more: {found}. Nothing of what lies there now was touched.',
    remedy: 'Look where the file went and who moved it; then run the job again on it, or on the new one.',
    kind: 'lost',
    retry: 'fix',
  },
  'disk.lock-unsafe': {
    message: 'Locks cannot be kept in {folder}: it must be a folder of user {uid} that nobody else may open.',
    remedy: 'Have an administrator remove it; it is made anew.',
    kind: 'permission',
    retry: 'fix',
  },
  'disk.busy': {
    message: 'The disk {disk} is in use: {reason}.',
    remedy: 'Unmount what is mounted from it, end the other program that uses it, then run the command again.',
    kind: 'unfit',
    retry: 'fix',
  },
  'disk.no-permission': {
    message: 'The system does not allow to {operation} {disk} ({reason}).',
    remedy: 'Run the command as root, or as a user who may write to this disk.',
    kind: 'permission',
    retry: 'fix',
  },
  'disk.read-only': {
    message: 'The disk {disk} can only be read ({reason}).',
    remedy: 'Check the lock switch of the card or stick and how the disk is attached.',
    kind: 'unfit',
    retry: 'fix',
  },
  'disk.full': {
    message: 'There was no space left while writing {disk} at byte {offset}.',
    remedy: 'Free space on the file system that holds the image file, then run the command again.',
    kind: 'failed',
    retry: 'fix',
  },
  'disk.out-of-range': {
    message: 'Bytes {offset} to {end} do not lie within {disk}, which has {size} bytes.',
    remedy: 'This is a fault in the program or a damaged partition table; look at the disk with "twinslot inspect".',
    kind: 'failed',
    retry: 'never',
  },
  'disk.read-failed': {
    message: 'Reading {disk} at byte {offset} failed: {reason}.',
    remedy: 'Try another cable or port; if it fails at the same place again, the disk is worn out: replace it.',
    kind: 'failed',
    retry: 'again',
  },
  'disk.write-failed': {
    message: 'Writing {disk} at byte {offset} failed: {reason}.',
    remedy: 'Try another cable or port; if it fails at the same place again, the disk is worn out: replace it.',
    kind: 'failed',
    retry: 'again',
  },
  'disk.system-refused': {
    message: 'The system refused {what} of {disk}: {reason}.',
    remedy: 'That says nothing about the disk itself. Remove the reason, then run the same command again.',
    kind: 'unfit',
    retry: 'fix',
  },
  // Which disks are offered (plan/offer.ts) and how one is found (node/disk/inventory.ts).
  'disk.system': {
    message: 'The disk {disk} runs this computer: it backs {found}.',
    remedy: 'Choose another disk; this one is never written.',
    kind: 'unfit',
    retry: 'never',
  },
  'disk.mounted': {
    message: 'The disk {disk} is mounted at {found}.',
    remedy: 'Unmount it, then look at "twinslot disks" again.',
    kind: 'unfit',
    retry: 'fix',
  },
  'disk.in-use': {
    message: 'The disk {disk} is in use by {found}.',
    remedy: 'Close what uses it (LUKS, LVM, RAID, loop device or swap), then look at "twinslot disks" again.',
    kind: 'unfit',
    retry: 'fix',
  },
  'disk.too-small': {
    message: 'The disk {disk} has {found|bytes} ({found} bytes); {needed|bytes} ({needed} bytes) are needed.',
    remedy: 'Use a larger disk, or a layout with smaller partitions.',
    kind: 'unfit',
    retry: 'fix',
  },
  'disk.sector-size': {
    message: 'The disk has sectors of {found} bytes; 512 and 4096 are supported.',
    remedy: "Use another disk, or format its sectors to 512 or 4096 bytes with the maker's tool.",
    kind: 'unfit',
    retry: 'never',
  },
  'disk.is-partition': {
    message: '{disk} is a partition of {parent}, not a whole disk.',
    remedy: 'Name the whole disk, {parent}, if it shall be overwritten.',
    kind: 'unfit',
    retry: 'never',
  },
  'disk.removable': {
    message: 'The disk {disk} is removable.',
    remedy: 'Nothing to do; check that it is the one you mean.',
    kind: 'unfit',
    retry: 'never',
  },
  'disk.no-inventory': {
    message: 'The disks of this computer cannot be listed: {reason}.',
    remedy:
      'Name the disk or image file by its path. On Linux /proc and /sys must be mounted: without them no disk can be called unused.',
    kind: 'failed',
    retry: 'again',
  },
})
