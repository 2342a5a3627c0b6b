// Error codes of planning and running a job; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const planErrors = defineErrors({
  'job.cancelled': {
    message: 'The job was cancelled.',
    remedy: 'Run the same command again: it continues, and checks what is already there.',
    kind: 'cancelled',
    retry: 'again',
  },
  'plan.changed': {
    message: 'The confirmed plan was {expected}, but planning again just before the first write gave {found}.',
    remedy: 'Something changed in between (disk, release or request). Look at the new plan and confirm it again.',
    kind: 'unfit',
    retry: 'fix',
  },
})
