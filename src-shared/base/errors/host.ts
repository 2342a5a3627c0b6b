// Error codes of the console's back end; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const hostErrors = defineErrors({
  'host.bad-call': {
    message: 'The call {call} was not understood: {problem}.',
    remedy: 'Reload the console; if it happens again, save the support bundle.',
    kind: 'usage',
    retry: 'never',
  },
  'host.unknown-token': {
    message: 'There is no {what} any more by the name that the window used.',
    remedy: 'It was removed or unplugged meanwhile: choose again.',
    kind: 'lost',
    retry: 'fix',
  },
})
