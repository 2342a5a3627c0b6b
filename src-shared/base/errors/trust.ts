// Error codes of signatures and keys: why something is not believed; see define.ts for the shape.
import { defineErrors, type ErrorSpec } from './define.ts'

/** All of these mean "not authentic": nothing of the release is used. */
const untrusted = (message: string, remedy: string, retry: ErrorSpec['retry'] = 'never'): ErrorSpec => ({
  message,
  remedy,
  kind: 'untrusted',
  retry,
})

const KEYRING_REMEDY = 'Export the public keys again: gpg --export --armor FINGERPRINT > keys.asc'

export const trustErrors = defineErrors({
  'trust.keyring-malformed': untrusted(
    'The key file cannot be used as an OpenPGP key ring: {problem}.',
    KEYRING_REMEDY,
  ),
  'trust.keyring-empty': untrusted('The key file holds no key.', KEYRING_REMEDY),
  'trust.keyring-secret': untrusted(
    'The key file holds a secret key; a secret key is no trust list and does not belong here.',
    'Keep the secret key where it is needed only. For trust, export the public key: gpg --export --armor FINGERPRINT',
  ),
  'trust.keyring-partly': untrusted(
    'Of the given keys {count} could be read and are in the trust list now. Not taken in: {problem}.',
    'Ask for that key again: gpg --export-options export-minimal --export --armor FINGERPRINT',
  ),
  'trust.signature-missing': untrusted(
    'There is no signature: {name} is missing or empty.',
    'Fetch the signature that belongs to the image; without it nothing is written.',
    'fix',
  ),
  'trust.signature-malformed': untrusted(
    'The signature cannot be read: {problem}.',
    'Sign again with "gpg --detach-sign --armor IMAGE" or "twinslot release sign IMAGE".',
    'fix',
  ),
  'trust.signature-inline': untrusted(
    'This is signed text or a signed message, not a detached signature.',
    'Sign with "gpg --detach-sign --armor IMAGE", not with --sign or --clear-sign.',
    'fix',
  ),
  'trust.signature-kind': untrusted(
    'The signature is of a kind that is not accepted: {problem}.',
    'Sign again with "gpg --detach-sign --armor IMAGE" or "twinslot release sign IMAGE".',
    'fix',
  ),
  'trust.signature-conflict': untrusted(
    'There are {count} signatures and not all are good; number {number}: {problem}',
    'Every signature in the file must be good and from a trusted key. Remove none by hand; ask the release maker.',
  ),
  'trust.signature-future': untrusted(
    'The signature was made at {signedAt}, which is after now ({now}).',
    'Check the date and time of this station.',
    'fix',
  ),
  'trust.signature-expired': untrusted(
    'The signature was valid until {expired}; now is {now}.',
    'Ask for a release with a current signature, and check the date and time of this station.',
  ),
  'trust.unknown-key': untrusted(
    'The signature was made by the key {key}, which is not in the key file ({known}).',
    'If you trust this key, add it to the key file; compare its whole fingerprint by another way first.',
    'fix',
  ),
  'trust.key-expired': untrusted(
    'The key {key} expired at {expired}; now is {now}.',
    'Ask the release maker for the renewed public key or a release signed with a current key; check the clock here.',
    'fix',
  ),
  'trust.key-revoked': untrusted(
    'The key {key} was revoked by its owner.',
    'Do not use this release. Ask the release maker for one that is signed with a current key.',
  ),
  'trust.key-invalid': untrusted(
    'The key {key} may not sign releases: {problem}.',
    'Ask the release maker for a valid public key; a signing subkey must be cross-certified.',
  ),
  'trust.weak-key': untrusted(
    'The key {key} is {found}; accepted are {expected}.',
    'Ask for a release signed with a strong key.',
  ),
  'trust.weak-hash': untrusted(
    'The signature {where} uses {found}; accepted are {expected}.',
    'Sign again with "gpg --digest-algo SHA256".',
  ),
  'trust.wrong-data': untrusted(
    'The signature by {key} does not belong to this data: {name} was changed, damaged, or is another file.',
    'Fetch image and signature again; if it still fails, do not use the release.',
    'fix',
  ),
})
