// Error codes of making ext4 and xfs file systems; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const filesystemErrors = defineErrors({
  'filesystem.unreadable': {
    message: 'The {kind} file system cannot be understood: {what} is {found}, expected {expected}.',
    remedy:
      'One that was there before is damaged. Of one that was just made the formatting program is not known to work: use the one of Debian 12 and report this.',
    kind: 'failed',
    retry: 'never',
  },
  'filesystem.bad-path': {
    message: 'The file {path} cannot be put into the file system: {reason}.',
    remedy: 'Rename or remove it and run the command again.',
    kind: 'usage',
    retry: 'fix',
  },
  'filesystem.no-contents': {
    message: 'Files can be put into an ext4 file system, not into {kind}.',
    remedy: 'Choose ext4 for the partition that receives files.',
    kind: 'usage',
    retry: 'fix',
  },
  'filesystem.contents-failed': {
    message: 'Putting files into the file system failed: {found}; expected {expected}.',
    remedy: 'If it says that no space is left, make the partition larger or give fewer files.',
    kind: 'failed',
    retry: 'fix',
  },
})
