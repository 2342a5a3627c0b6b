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
  'download.bad-identity': {
    message: 'The certificate that this machine is to show cannot be used with its key: {reason}.',
    remedy:
      'Put the certificate and its own private key, both in PEM form, into config.yaml (tls.client_cert, client_key).',
    kind: 'usage',
    retry: 'fix',
  },
  'download.bad-proxy': {
    message: 'The proxy that https_proxy names cannot be used: {reason}.',
    remedy: 'Set https_proxy to an address such as http://proxy.example.org:3128, or remove it from the environment.',
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
  'download.client-certificate': {
    message: '{server} wants a certificate that it knows from whoever asks: {reason}.',
    remedy:
      'Put the certificate and key that the operator of the server issued into config.yaml (tls.client_cert, client_key).',
    kind: 'permission',
    retry: 'fix',
  },
  'download.proxy-refused': {
    message: 'The proxy {proxy} opens no way to {server}; it answered with status {found}.',
    remedy:
      'Allow the server at the proxy, or name it in no_proxy; at status 407 put user and password into https_proxy.',
    kind: 'permission',
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
  'download.range-differs': {
    message: '{url} was asked for bytes from {expected} on; the answer is about {found}.',
    remedy: 'The server handles ranges wrongly: fix it or use another one. Nothing of the answer was used.',
    kind: 'failed',
    retry: 'fix',
  },
  'download.no-ranges': {
    message: '{url} comes without ranges and was read from its start {found} times; at most {limit} times are tried.',
    remedy: 'Use a server that answers range requests, or download the release into a file first.',
    kind: 'failed',
    retry: 'fix',
  },
  'download.changed': {
    message: '{url} changed on the server while it was read: {what} was {expected}, now it is {found}.',
    remedy: 'Repeat it when the server is not being changed any more; a release is never mixed from two versions.',
    kind: 'failed',
    retry: 'again',
  },
  'download.size-differs': {
    message: '{url} has {found} bytes; {expected} were promised.',
    remedy: 'Compare the size in the release list with the file on the server.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'download.size-unknown': {
    message: '{url} comes without a size ({found}); a bundle is read from its server only with one (Content-Length).',
    remedy: 'Use a server that says the size, or download the release into a file first.',
    kind: 'failed',
    retry: 'fix',
  },
  'download.no-progress': {
    message: '{url}: {attempts} attempts in a row brought nothing after byte {received}. The last one: {reason}',
    remedy: 'Check network and server; a repeated download goes on where this one stopped.',
    kind: 'failed',
    retry: 'again',
  },
  'download.checksum-mismatch': {
    message: 'The SHA-256 of {url} is {found}; {expected} was promised.',
    remedy: 'Check the file on the server and the promised SHA-256; what was downloaded is deleted.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'download.disk-full': {
    message: '{path} needs {needed} bytes more; {free} are free there.',
    remedy: 'Make room and repeat it; what is downloaded already is kept and continued.',
    kind: 'unfit',
    retry: 'fix',
  },
  'download.file-failed': {
    message: '{path} cannot be written or read: {reason}.',
    remedy: 'Check the folder, its rights and its disk.',
    kind: 'failed',
    retry: 'fix',
  },
  'download.not-a-bundle': {
    message:
      '{url} is no bundle ("TWINSLT1" expected, {found} found); only a bundle is written while it is downloaded.',
    remedy: 'Download an image with its .sha256 and .asc into a file first.',
    kind: 'untrusted',
    retry: 'fix',
  },
})
