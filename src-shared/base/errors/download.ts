// Error codes of the network: asking a server, and bringing a file or a release from it; see define.ts for the shape.
// No text ever holds a user name, a password, a token or the query of a URL.
import { defineErrors } from './define.ts'

export const downloadErrors = defineErrors({
  'download.bad-url': {
    message: '{url} cannot be asked: {reason}.',
    remedy: 'Correct the address; it has to be http:// or https:// and may not hold a password.',
    kind: 'usage',
    retry: 'fix',
  },
  'download.bad-header': {
    message: 'The value of the header {name} holds the character {found}; only printable ones can be sent.',
    remedy: 'Correct the setting that it comes from; often a line break was copied with it.',
    kind: 'usage',
    retry: 'fix',
  },
  'download.bad-ca': {
    message: 'The additional certificate authority cannot be used: {reason}.',
    remedy: 'Put a certificate in PEM form ("-----BEGIN CERTIFICATE-----") into the configuration.',
    kind: 'usage',
    retry: 'fix',
  },
  'download.not-allowed': {
    message: '{url} is not among the servers that may be asked.',
    remedy: 'Add its host to the allowed ones, or correct the address.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'download.redirected': {
    message: '{from} sends us to {to}, which is refused: {reason}.',
    remedy: 'Use the final address, and add its host to the allowed ones if it may be used.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'download.unreachable': {
    message: '{server} cannot be reached: {reason}.',
    remedy: 'Check the network and the address; nothing was changed, it is tried again.',
    kind: 'failed',
    retry: 'again',
  },
  'download.tls': {
    message: 'The connection to {server} is not secure: {reason}.',
    remedy: 'Check the date and time of this machine, and whether the right certificate authority is configured.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'download.bad-response': {
    message: 'The answer of {server} is not proper HTTP: {reason}.',
    remedy: 'Look for a proxy or another program at this address.',
    kind: 'failed',
    retry: 'again',
  },
  'download.encoded': {
    message: '{url} is sent as {found}; only the bytes as they are (identity) can be used.',
    remedy: 'Switch off compression for this file at the server or proxy.',
    kind: 'failed',
    retry: 'fix',
  },
  'download.status': {
    message: '{url} was answered with status {found}; {expected} was expected.',
    remedy: 'Check the address and the access rights; at a status of 500 and above, the server.',
    kind: 'failed',
    retry: 'again',
  },
  'download.not-json': {
    message: '{url} was answered with {found} instead of JSON.',
    remedy: 'Check that the address is the fleet server; a proxy or a log-in page may have answered.',
    kind: 'failed',
    retry: 'again',
  },
  'download.stalled': {
    message: '{server} sent nothing for {seconds} seconds, after {received} bytes.',
    remedy: 'Check network and server; a repeated download goes on where this one stopped.',
    kind: 'failed',
    retry: 'again',
  },
  'download.too-slow': {
    message: 'The answer of {server} was not complete after {seconds} seconds, {received} bytes had come.',
    remedy: 'Check network and server; a repeated download goes on where this one stopped.',
    kind: 'failed',
    retry: 'again',
  },
  'download.interrupted': {
    message: 'The connection to {server} broke off after {received} bytes: {reason}.',
    remedy: 'Check network and server; a repeated download goes on where this one stopped.',
    kind: 'failed',
    retry: 'again',
  },
  'download.too-large': {
    message: '{url} has {found} bytes or more; at most {limit} are accepted.',
    remedy: 'Check the address and the promised size; nothing of it is used.',
    kind: 'failed',
    retry: 'fix',
  },
})
