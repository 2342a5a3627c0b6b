// Error codes of the console's back end; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const hostErrors = defineErrors({
  'host.bad-call': {
    message: 'The call {call} was not understood: {problem}.',
    remedy: 'Reload the console; if it happens again, save the support bundle.',
    kind: 'usage',
    retry: 'never',
  },
  'host.twin': {
    message: 'Another unit here reports the same identity ({found}).',
    remedy: 'Unplug the one that you mean and plug it in again: it is known from then on.',
    kind: 'unfit',
    retry: 'fix',
  },
  'host.usb-slow': {
    message: '{disk} is connected with {found} Mbit/s; a USB 3 port has {expected}.',
    remedy: 'Use a USB 3 port and cable, or allow for a longer time.',
    kind: 'unfit',
    retry: 'fix',
  },
  'host.unknown-token': {
    message: 'There is no {what} any more by the name that the window used.',
    remedy: 'It was removed or unplugged meanwhile: choose again.',
    kind: 'lost',
    retry: 'fix',
  },
})
