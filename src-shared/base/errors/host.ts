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
  'host.plan-gone': {
    message: 'The plan {found} is not waiting for a confirmation any more.',
    remedy: 'Look at the plan again and confirm that one.',
    kind: 'unfit',
    retry: 'fix',
  },
  'host.not-confirmed': {
    message: 'The confirmation asks for "{expected}"; "{found}" was typed.',
    remedy: 'Compare with the label of the disk and type it again. Nothing was written.',
    kind: 'usage',
    retry: 'fix',
  },
  'host.confirmed-early': {
    message: 'The start was confirmed after {found} ms; {expected} ms must pass so that nobody starts by accident.',
    remedy: 'Read what will be erased, then start again. Nothing was written.',
    kind: 'usage',
    retry: 'again',
  },
  'host.guarded': {
    message: 'What guards the disks was not changed: {found}.',
    remedy:
      'Answer the question outside of the page: in the box of the desktop app, or in the terminal where the browser console was started. A console without either takes keys at its start (--trust FILE).',
    kind: 'permission',
    retry: 'fix',
  },
  'host.declined': {
    message: 'The question "Start writing?" was answered with Cancel.',
    remedy: 'Nothing was written. Confirm the plan again when it is right.',
    kind: 'cancelled',
    retry: 'fix',
  },
  'host.check-running': {
    message: 'It is being read already: {found} of {expected} bytes are done.',
    remedy: 'Wait for the end of that check, or cancel it.',
    kind: 'unfit',
    retry: 'again',
  },
  'host.image-bad': {
    message: 'The image {name} did not pass its checks ({found}).',
    remedy: 'Open "Images" to see why, and import a good one.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'host.image-exists': {
    message: 'The library already holds an image named {name}.',
    remedy: 'Remove that one first, or give the new file another name.',
    kind: 'usage',
    retry: 'fix',
  },
  'host.image-pinned': {
    message: 'The image {name} is pinned.',
    remedy: 'Take the pin off before removing it.',
    kind: 'usage',
    retry: 'fix',
  },
  'host.no-renderer': {
    message: 'The built console is not in {folder}.',
    remedy: 'Build it with "npm run build".',
    kind: 'failed',
    retry: 'fix',
  },
  'host.unknown-token': {
    message: 'There is no {what} any more by the name that the window used.',
    remedy: 'It was removed or unplugged meanwhile: choose again.',
    kind: 'lost',
    retry: 'fix',
  },
  'host.running': {
    message: 'Another console already works with the folder {folder}.',
    remedy: 'Use that one, or end it first. For a second one give TWINSLOT_DATA another folder.',
    kind: 'unfit',
    retry: 'fix',
  },
  'host.port': {
    message: 'Port {port} of this computer cannot be used: {found}.',
    remedy: 'Name another one with --port, or none: then a free one is taken.',
    kind: 'usage',
    retry: 'fix',
  },
  'host.no-kiosk': {
    message: 'The console cannot be shown in kiosk mode: {reason}.',
    remedy: 'Start it as an ordinary user in a session with a screen; the guide says how ("On a recovery stick").',
    kind: 'unfit',
    retry: 'fix',
  },
})
