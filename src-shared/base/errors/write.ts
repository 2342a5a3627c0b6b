// Error codes of writing images and reading them back; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const writeErrors = defineErrors({
  'write.source-mismatch': {
    message:
      'Block {block} of {source} (at byte {offset}) is not what was signed: SHA-256 {expected} was signed, {found} is there. The block was not written.',
    remedy: 'The file is damaged or was changed. Fetch the release again and check it with "twinslot release verify".',
    kind: 'untrusted',
    retry: 'fix',
  },
  'write.source-undecodable': {
    message: 'Block {block} of {source} cannot be decompressed: {reason}. The block was not written.',
    remedy: 'The file is damaged or was changed. Fetch the release again and check it with "twinslot release verify".',
    kind: 'untrusted',
    retry: 'fix',
  },
  'write.image-too-large': {
    message:
      'The image has {imageSize|bytes} ({imageSize} bytes); its place holds {slotSize|bytes} ({slotSize} bytes).',
    remedy: 'Use a smaller image, or a layout with larger slots.',
    kind: 'unfit',
    retry: 'never',
  },
  'write.verify-failed': {
    message: 'The disk gives back other bytes than were written: at byte {offset}, expected {expected}, found {found}.',
    remedy: 'Do not use this disk: it is worn out, or smaller than it claims. Write another one.',
    kind: 'failed',
    retry: 'never',
  },
  'write.lost-afterwards': {
    message:
      'The disk does not keep what is written to it: {place} gives back something else after other places were written: expected {expected}, found {found}.',
    remedy: 'Do not use this disk: it has less room than it claims, or loses what was written. Write another one.',
    kind: 'failed',
    retry: 'never',
  },
})
