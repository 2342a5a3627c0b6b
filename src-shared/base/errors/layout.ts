// Error codes of layouts and layout files; see define.ts for the shape. `{where}` names line or partition.
import { defineErrors, type ErrorSpec } from './define.ts'

const HOW = 'Correct the layout; docs/format/layout.md describes every key and has an example.'

/** Something in a layout file that the technician has to correct. */
const wrong = (message: string, remedy: string = HOW): ErrorSpec => ({ message, remedy, kind: 'usage', retry: 'fix' })

export const layoutErrors = defineErrors({
  'layout.file-too-large': wrong('The layout file has {found} bytes; at most {limit} are read.'),
  'layout.yaml-syntax': wrong('Line {line}, column {column}: not readable as YAML: {reason}'),
  'layout.yaml-feature': wrong('Line {line}, column {column}: {found} is not allowed in a layout file.'),
  'layout.unknown-key': wrong('Line {line}, column {column}: the key "{key}" is unknown; known are {expected}.'),
  'layout.missing-key': wrong('Line {line}, column {column}: the key "{key}" is missing.'),
  'layout.invalid': wrong('Line {line}, column {column}: "{key}" must be {expected}; it is {found}.'),
  'layout.unknown': wrong(
    'There is no layout named "{name}"; built in are {expected}.',
    'Use one of them, or name a file.',
  ),
  'layout.not-named': wrong(
    '"{name}" is no built-in layout ({expected}), and a program that acts for another user opens no layout files.',
    'Use one of them, or hand over the text of the file.',
  ),
  'layout.role-count': wrong('The layout {layout} has {found} partitions with role {role}; it must have {expected}.'),
  'layout.order': wrong(
    '{where}: role {role} must be partition {expected}; it is {found}.',
    'The boot loader finds ESP, slot A and slot B as partitions 1, 2 and 3. Reorder the list.',
  ),
  'layout.rest-not-last': wrong('{where}: only the last partition may have the size "rest".'),
  'layout.size-too-small': wrong(
    '{where}: a size of {found|bytes} is too small for {use}; the least is {needed|bytes}.',
  ),
  'layout.filesystem': wrong('{where}: role {role} needs the file system {expected}; it has {found}.'),
  'layout.encryption': wrong('{where}: role {role} cannot be encrypted, the firmware or boot loader reads it.'),
  'layout.name-invalid': wrong(
    '{where}: the partition name "{found}" must have 1 to 36 printable characters and occur once.',
  ),
  'layout.label-invalid': wrong('{where}: the label "{found}" must have 1 to {limit} bytes of {allowed}.'),
  'layout.mount-invalid': wrong('{where}: the mount point "{found}" must be an absolute path that occurs once.'),
  'layout.config-home': wrong(
    '{where}: /config lies here, so its {what} must be {expected}; it is {found}.',
    'The appliance mounts /config by this, and the bench finds it again by it. Correct the layout.',
  ),
  'layout.disk-too-small': {
    message: 'The layout {layout} needs {needed|bytes} ({needed} bytes); the disk has {found|bytes} ({found} bytes).',
    remedy: 'Use a larger disk, or a layout with smaller partitions.',
    kind: 'unfit',
    retry: 'fix',
  },
})
