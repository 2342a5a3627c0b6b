// Error codes of certificates and of the station's key; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const reportErrors = defineErrors({
  'report.malformed': {
    message: '{name} is no certificate of this program: {problem}.',
    remedy: 'Take the JSON file as the station saved it; a copy from a mail or an editor may have changed it.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'report.signer-differs': {
    message: '{name} says that {expected} signs it, but the signature is by {found}.',
    remedy: 'Do not rely on it: ask the station for the certificate and its signature again.',
    kind: 'untrusted',
    retry: 'never',
  },
  'report.station-key': {
    message: "The station's key in {file} cannot be used: {problem}.",
    remedy: 'Restore the file from a backup, or move it away: a new key is made then, and certificates name it.',
    kind: 'failed',
    retry: 'fix',
  },
})
