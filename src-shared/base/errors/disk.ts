// Error codes of disks and block devices; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const diskErrors = defineErrors({
  'disk.lost': {
    message: 'The disk {disk} disappeared: {operation} at byte {offset} failed with {reason}.',
    remedy: 'Check cable and port, then run the same command again: it continues, and checks what is already there.',
    kind: 'lost',
    retry: 'again',
  },
})
