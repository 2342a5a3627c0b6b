// Error codes of the appliance's own files: what people configure and what the programs remember; see define.ts.
// A value that may be secret is never a detail: `found` names its kind ("a text", "empty"), not its content.
import { defineErrors } from './define.ts'

export const settingsErrors = defineErrors({
  'settings.file-missing': {
    message: '{file} does not exist.',
    remedy: '{remedy}',
    kind: 'unfit',
    retry: 'fix',
  },
  'settings.file-unreadable': {
    message: '{file} cannot be read: {reason}.',
    remedy: 'Check the file, its permissions and the partition it is on.',
    kind: 'failed',
    retry: 'fix',
  },
  'settings.file-too-large': {
    message: '{file} has {found|bytes}; a settings file has at most {limit|bytes}.',
    remedy: 'Put the right file in its place.',
    kind: 'unfit',
    retry: 'fix',
  },
  'settings.yaml-syntax': {
    message: '{file}, line {line}, column {column}: this is not YAML ({reason}).',
    remedy: 'Correct the line; spaces, not tabs, say what belongs to what.',
    kind: 'unfit',
    retry: 'fix',
  },
  'settings.invalid': {
    message: '{file}, line {line}: {key} must be {expected}, found {found}.',
    remedy: 'Correct the line, then check all files with "hypernet-admin validate-config".',
    kind: 'unfit',
    retry: 'fix',
  },
  'settings.bad-window': {
    message: '{file}, line {line}: {problem}',
    remedy:
      'Correct the line; a window looks like this: start "02:00", end "05:00", timezone "America/New_York", days [sunday, monday].',
    kind: 'unfit',
    retry: 'fix',
  },
  'settings.missing-key': {
    message: '{file} lacks {key}, which is {expected}.',
    remedy: 'Add the key, then check all files with "hypernet-admin validate-config".',
    kind: 'unfit',
    retry: 'fix',
  },
  'settings.insecure-endpoint': {
    message: '{file}, line {line}: {key} is plain HTTP to {host}; the key of the appliance would travel readable.',
    remedy: 'Use an https address. On a test bench only: allow_http: true in device.yaml of the system image.',
    kind: 'unfit',
    retry: 'fix',
  },
  'settings.no-server': {
    message: 'No fleet server is configured: {file} {found}.',
    remedy:
      'Nothing must be done where none is wanted; else claim the appliance, or give it this file with its /config.',
    kind: 'unfit',
    retry: 'never',
  },
  'settings.shadowed': {
    message: '{file} is used; {other} says something else, and nobody reads it.',
    remedy: 'Keep the one that is right, and remove the other.',
    kind: 'unfit',
    retry: 'fix',
  },
  'settings.half-pair': {
    message: '{present} is there, {missing} is not; a certificate and its private key belong together.',
    remedy: 'Add the missing file, or remove both.',
    kind: 'unfit',
    retry: 'fix',
  },
  'settings.state-damaged': {
    message: '{file} is damaged ({reason}); it was set aside as {aside}.',
    remedy: 'Nothing must be done: the programs go on without it. Keep the file for whoever looks into the cause.',
    kind: 'failed',
    retry: 'never',
  },
  'settings.state-restored': {
    message: '{file} was damaged ({reason}); its spare copy is used. The damaged one is {aside}.',
    remedy: 'Nothing must be done. Keep the damaged file for whoever looks into the cause.',
    kind: 'failed',
    retry: 'never',
  },
  'settings.not-saved': {
    message: '{file} could not be saved: {reason}. The file is as it was before.',
    remedy: 'Check free space and permissions of its folder; see also "dmesg" for a failing disk.',
    kind: 'failed',
    retry: 'again',
  },
})
