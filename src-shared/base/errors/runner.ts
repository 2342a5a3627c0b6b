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
  'runner.not-started': {
    message: 'The runner could not be started: {reason}.',
    remedy: 'Nothing was written. See "Elevation" in docs/console-security.md for what this system needs.',
    kind: 'permission',
    retry: 'fix',
  },
  'runner.died': {
    message: 'The runner ended without a last word ({reason}).',
    remedy: 'The disk may be written in part: run the same job again, it continues where it stopped.',
    kind: 'failed',
    retry: 'again',
  },
})
