// Error codes of the command line itself; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const cliErrors = defineErrors({
  'cli.usage': {
    message: '{problem}',
    remedy: 'See "twinslot help {command}".',
    kind: 'usage',
    retry: 'fix',
  },
  'cli.unknown-command': {
    message: 'There is no command "{found}".',
    remedy: '"twinslot help" lists the commands.',
    kind: 'usage',
    retry: 'fix',
  },
  'cli.not-confirmed': {
    message: 'The answer was "{found}"; the disk is confirmed by "{expected}".',
    remedy: 'Read the plan again, check the serial number on the disk itself, and repeat the command.',
    kind: 'cancelled',
    retry: 'again',
  },
  'cli.not-all-done': {
    message: '{found} of {expected} disks are not done: {disks}.',
    remedy:
      'Each one is told about above. The same command again finishes them: what is already there is checked, not trusted.',
    kind: 'failed',
    retry: 'again',
  },
  'cli.no-terminal': {
    message: 'Nobody can be asked to confirm, because standard input is not a terminal.',
    remedy: 'Look at the plan with --plan; when it is right, repeat the command with --yes.',
    kind: 'usage',
    retry: 'fix',
  },
  'cli.file-exists': {
    message: 'The file {file} exists already.',
    remedy: 'Choose another name, remove it first, or add --replace where the command knows it.',
    kind: 'usage',
    retry: 'fix',
  },
  'cli.file-unreadable': {
    message: 'The file {file} cannot be used: {reason}.',
    remedy: 'Check the path and its permissions.',
    kind: 'usage',
    retry: 'fix',
  },
  'cli.file-unwritable': {
    message: 'The file {file} cannot be written: {reason}.',
    remedy: 'Remove the reason, or choose a place with room that you may write to.',
    kind: 'usage',
    retry: 'fix',
  },
  'cli.report-not-saved': {
    message: 'The report could not be saved as {file} ({reason}).',
    remedy: 'Nothing is wrong with the disk. Check space and permission of that folder, or set TWINSLOT_STATE.',
    kind: 'failed',
    retry: 'fix',
  },
  'cli.output-lost': {
    message: 'The answer could not be written to standard output ({reason}); what a file holds of it is not whole.',
    remedy: 'Free space or choose another place for the output, then run the same command again.',
    kind: 'failed',
    retry: 'fix',
  },
  'cli.system-refused': {
    message: 'The system refused {what}: {reason}.',
    remedy: 'This comes from the computer that Twinslot runs on. Remove the reason, then run the same command again.',
    kind: 'failed',
    retry: 'fix',
  },
  'cli.bug': {
    message: 'Twinslot itself went wrong: {reason}.',
    remedy: 'Please report this with the log line below; what was written is said above.',
    kind: 'failed',
    retry: 'never',
  },
})
