// Error codes of the health gate and its probe list; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const gateErrors = defineErrors({
  'gate.list-unreadable': {
    message: 'The probe list cannot be read at line {line}, column {column}: {reason}.',
    remedy: 'Correct the file; docs/format/probes.md describes its form.',
    kind: 'unfit',
    retry: 'fix',
  },
  'gate.unknown-key': {
    message: 'The probe list has the key {key} at line {line}, column {column}; known there: {expected}.',
    remedy: 'Correct the spelling or remove the key; docs/format/probes.md lists them.',
    kind: 'unfit',
    retry: 'fix',
  },
  'gate.invalid': {
    message: '{key} of the probe list (line {line}, column {column}) must be {expected}; found {found}.',
    remedy: 'Correct the value; docs/format/probes.md describes its form.',
    kind: 'unfit',
    retry: 'fix',
  },
  'gate.duplicate-name': {
    message: 'Two probes of the list are named "{name}"; the second is at line {line}, column {column}.',
    remedy: 'Give each probe a name of its own: results are kept by name.',
    kind: 'unfit',
    retry: 'fix',
  },
  'gate.busy': {
    message: 'Another health gate is running on this appliance.',
    remedy: 'Wait until it has ended; "health-gate --status" can be used meanwhile.',
    kind: 'unfit',
    retry: 'again',
  },
  'gate.usage': {
    message: 'The program health-gate does not know "{found}".',
    remedy: 'Use "health-gate", "health-gate --check" or "health-gate --status".',
    // Not 'usage': its exit code, 2, is this program's word for going back.
    kind: 'unfit',
    retry: 'fix',
  },
  'gate.not-selected': {
    message: 'Slot {expected} was to be selected, but the boot files name {found} when they are read back.',
    remedy:
      'Check that /boot can be written by the gate. The boot loader goes back by itself when the trial has no tries left.',
    kind: 'failed',
    retry: 'again',
  },
})
