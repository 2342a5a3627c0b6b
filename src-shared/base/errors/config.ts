// Error codes of the files for /config; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const configErrors = defineErrors({
  'config.unreadable': {
    message: '{file} cannot be read: {reason}.',
    remedy: 'Check the path and its permissions.',
    kind: 'usage',
    retry: 'fix',
  },
  'config.not-plain': {
    message: '{file} is neither a file nor a folder; links and devices are not copied into /config.',
    remedy: 'Replace it by the file itself, or leave it out.',
    kind: 'usage',
    retry: 'fix',
  },
  'config.bad-name': {
    message: '{file} cannot be in /config: {reason}.',
    remedy: 'Rename it, or leave it out.',
    kind: 'usage',
    retry: 'fix',
  },
  'config.no-room': {
    message:
      'The files for /config need {needed|bytes} in {entries} files and folders; partition {name} has room for {found|bytes} in {limit}.',
    remedy: 'Leave files out, or use a layout with a larger partition.',
    kind: 'unfit',
    retry: 'fix',
  },
  'config.too-large': {
    message:
      'The folder {folder} holds more than {bytes|bytes} or {files} files and folders: that is not a configuration.',
    remedy: 'Name the folder that holds only the files for /config.',
    kind: 'usage',
    retry: 'fix',
  },
  'config.changed': {
    message: '{file} had SHA-256 {expected} when the plan was made; now it has {found}.',
    remedy: 'Let the folder alone while the disk is provisioned; plan and confirm again.',
    kind: 'unfit',
    retry: 'fix',
  },
})
