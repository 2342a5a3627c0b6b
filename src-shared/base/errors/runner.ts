// Error codes of the privileged runner and of talking to it; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const runnerErrors = defineErrors({
  'runner.protocol': {
    message: 'The runner was told something that it does not take: {problem}.',
    remedy: 'Start the job again from the console; if it happens again, save the support bundle.',
    kind: 'usage',
    retry: 'never',
  },
  'runner.off-plan': {
    message: 'The confirmed plan is {expected}, but the runner was told to apply {found}.',
    remedy: 'Look at the plan and confirm it again.',
    kind: 'unfit',
    retry: 'fix',
  },
  'runner.never-touch': {
    message: 'The disk with serial {found} is on the never-touch list.',
    remedy: 'Choose another disk, or take it off the list in the settings.',
    kind: 'unfit',
    retry: 'fix',
  },
  'runner.caller': {
    message: 'Who started the runner cannot be told: {found}.',
    remedy: 'Nothing was written. Start it as docs/console-security.md says under "Elevation".',
    kind: 'permission',
    retry: 'fix',
  },
  'runner.place-unsafe': {
    message: "The runner does not use {path}: {found}; it must be root's, and nobody else may write it.",
    remedy: 'Nothing was written. Have an administrator look at it: chown root and chmod go-w, or remove it.',
    kind: 'permission',
    retry: 'fix',
  },
  'runner.no-trust': {
    message: 'This computer has no list of the keys that its runner trusts ({file}).',
    remedy: 'Nothing was written. An administrator adds them: sudo twinslot-guard trust < KEYS.asc',
    kind: 'untrusted',
    retry: 'fix',
  },
  'runner.guard': {
    message: 'What protects writes was not changed: {problem}.',
    remedy: 'Run it as root with one of the words trust and never-touch, and give the new list by standard input.',
    kind: 'usage',
    retry: 'fix',
  },
  'runner.not-started': {
    message: 'The runner could not be started: {reason}.',
    remedy: 'Nothing was written. See "Elevation" in docs/console-security.md for what this system needs.',
    kind: 'permission',
    retry: 'fix',
  },
  'runner.closed': {
    message: 'The runner takes no further unit: {reason}.',
    remedy: 'Nothing was written. Start the job again; a new runner does it.',
    kind: 'failed',
    retry: 'again',
  },
  'runner.died': {
    message: 'The runner ended without a last word ({reason}).',
    remedy: 'The disk may be written in part: run the same job again, it continues where it stopped.',
    kind: 'failed',
    retry: 'again',
  },
})
