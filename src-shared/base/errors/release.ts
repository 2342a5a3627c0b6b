// Error codes of releases: reading, making and judging them; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const releaseErrors = defineErrors({
  'release.source-failed': {
    message: 'Reading {name} at byte {offset} failed: {reason}.',
    remedy: 'Check the medium or connection that holds the release and run the command again.',
    kind: 'failed',
    retry: 'again',
  },
  'release.truncated': {
    message: '{name} ends at byte {found}; bytes up to {expected} are needed.',
    remedy: 'Fetch the release again; the copy or download was cut short.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'release.not-found': {
    message: 'There is no file {path}.',
    remedy: 'Check the name. An .img needs its .img.sha256 and .img.asc beside it.',
    kind: 'usage',
    retry: 'fix',
  },
  'release.bad-path': {
    message: '{path} leads to no file: {reason}.',
    remedy: 'Check the name and the links on its way.',
    kind: 'usage',
    retry: 'fix',
  },
  'release.not-a-file': {
    message: '{path} is {found}, not a file.',
    remedy: 'Name the release file itself.',
    kind: 'usage',
    retry: 'fix',
  },
  'release.unreadable': {
    message: '{path} cannot be opened: {reason}.',
    remedy: 'Remove the reason: you may lack the right to read it, or its name leads nowhere. Or copy it elsewhere.',
    kind: 'permission',
    retry: 'fix',
  },
  'release.empty': {
    message: '{path} is empty (0 bytes).',
    remedy: 'Fetch the release again.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'release.compressed': {
    message: '{path} is compressed ({found}); a slot takes the image itself.',
    remedy: 'Decompress it and sign the image, or make a bundle: "twinslot release create" takes it as it is.',
    kind: 'unfit',
    retry: 'fix',
  },
  'release.checksum-missing': {
    message: 'The checksum file {path} is missing.',
    remedy: 'Fetch it and put it beside the image; both checksum and signature are checked before anything is written.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'release.checksum-mismatch': {
    message: 'The SHA-256 of {name} is {found}; its checksum file says {expected}.',
    remedy: 'Fetch the image again; it was damaged or is another version.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'release.block-mismatch': {
    message: 'Block {index} of image {role} is not what was signed: SHA-256 {found} instead of {expected}.',
    remedy: 'Fetch the release again; it was changed or damaged on the way.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'release.block-undecodable': {
    message: 'Block {index} of image {role} cannot be decompressed to its {expected} bytes: {reason}.',
    remedy: 'Fetch the release again; it was changed or damaged on the way.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'release.image-mismatch': {
    message: 'Image {role} has SHA-256 {found}; the manifest says {expected}, although every block is right.',
    remedy: 'Its maker has to build the release again; the manifest contradicts itself.',
    kind: 'untrusted',
    retry: 'never',
  },
  'release.no-image': {
    message: 'The release holds no image for {role}; it has {found}.',
    remedy: 'Use a release that has it.',
    kind: 'unfit',
    retry: 'never',
  },
  'release.expired': {
    message: 'The release expired at {expired}; now is {now}.',
    remedy: 'Use a newer release, and check the date and time of this station.',
    kind: 'untrusted',
    retry: 'never',
  },
  'release.from-future': {
    message: 'The release was created at {created}, which is after now ({now}).',
    remedy: 'Check the date and time of this station.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'release.wrong-product': {
    message: 'The release is for product {found}; wanted is {expected}.',
    remedy: 'Choose the release for {expected}.',
    kind: 'unfit',
    retry: 'never',
  },
  'release.other-product': {
    message: 'This disk held product {found}; the release is for product {expected}.',
    remedy:
      'Check that this is the right unit and the right release. To change the product on purpose, give a reason with --allow-older; it is recorded on the disk.',
    kind: 'unfit',
    retry: 'fix',
  },
  'release.older-version': {
    message:
      'The release is version {found}, older than {expected} on the disk, and its release counter does not say that it is newer.',
    remedy: 'Use a newer release. To go back on purpose, give a reason with --allow-older; it is recorded on the disk.',
    kind: 'unfit',
    retry: 'never',
  },
  'release.no-version': {
    message:
      'The image does not say its version; the disk had {expected}, and what it knows of versions would be lost.',
    remedy:
      'Use an image that says its version (made by "twinslot image build"), or give a reason with --allow-older; it is recorded on the disk.',
    kind: 'unfit',
    retry: 'fix',
  },
  'release.wrong-hardware': {
    message: 'The release is for {found}; this machine is {expected}.',
    remedy: 'Choose a release for this hardware.',
    kind: 'unfit',
    retry: 'never',
  },
  'release.older-counter': {
    message: 'Installed is release counter {expected}; this release has {found}.',
    remedy: 'Use a newer release, or allow the older one with a reason; the reason is recorded.',
    kind: 'unfit',
    retry: 'fix',
  },
  'release.minimum-version': {
    message: 'Installed is version {found}; this release can only follow version {expected} or later.',
    remedy: 'Install version {expected} first.',
    kind: 'unfit',
    retry: 'fix',
  },
  'release.signing-key': {
    message: 'The signing key cannot be used: {problem}.',
    remedy: 'Export it with "gpg --export-secret-keys --armor FINGERPRINT"; Ed25519 and RSA from 3072 bits can sign.',
    kind: 'usage',
    retry: 'fix',
  },
  'release.passphrase': {
    message: 'The passphrase of the key {key} {problem}.',
    remedy: 'Put it into a file (first line) and name the file with --passphrase-file.',
    kind: 'usage',
    retry: 'fix',
  },
  'release.bad-option': {
    message: 'The release cannot be made: {option} is {found}, but must be {expected}.',
    remedy: 'Correct the option and run the command again.',
    kind: 'usage',
    retry: 'fix',
  },
  'release.input-damaged': {
    message: 'The compressed image {path} cannot be read: {reason}.',
    remedy: 'Check the file with gzip -t, xz -t or zstd -t and make it again.',
    kind: 'failed',
    retry: 'fix',
  },
  'release.input-unread': {
    message: 'This kind of {kind} is not read: {path}: {reason}.',
    remedy: 'Unpack the image first, with the program that packed it, and give the plain image.',
    kind: 'failed',
    retry: 'fix',
  },
  'release.output-failed': {
    message: 'Writing {path} failed: {reason}.',
    remedy: 'Check space and permission of its folder and run the command again.',
    kind: 'failed',
    retry: 'fix',
  },
})
