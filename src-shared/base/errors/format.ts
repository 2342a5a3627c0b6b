// Error codes of our own file formats: canonical JSON, manifest, bundle, sha256sum lines; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const formatErrors = defineErrors({
  'format.json-not-canonical': {
    message: 'This is not canonical JSON: {problem}.',
    remedy: 'Make the file again with the tool that made it; it must not be edited or re-formatted by hand.',
    kind: 'untrusted',
    retry: 'never',
  },
  'format.bundle-magic': {
    message: 'The file is not a Twinslot bundle: it begins with {found} instead of {expected}.',
    remedy: 'Choose the release file itself; an .img needs its .sha256 and .asc beside it.',
    kind: 'untrusted',
    retry: 'never',
  },
  'format.bundle-header': {
    message: 'The head of the bundle is wrong: {field} is {found}, allowed is {expected}.',
    remedy: 'Fetch the release again; if it still fails, its maker has to build it again.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'format.bundle-truncated': {
    message: 'The bundle ends too early: it needs {expected} bytes, the file has {found}.',
    remedy: 'Fetch the release again; the copy or download was cut short.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'format.bundle-trailing': {
    message: 'The bundle has bytes after its end: it needs {expected} bytes, the file has {found}.',
    remedy: 'Fetch the release again; something was appended to it.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'format.bundle-padding': {
    message: 'The padding of the bundle at byte {offset} is not zero.',
    remedy: 'Fetch the release again; it was changed or damaged on the way.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'format.manifest-version': {
    message: 'The manifest has format {found}; this program reads {expected}.',
    remedy: 'Update Twinslot, or ask for a release in the older format.',
    kind: 'unfit',
    retry: 'fix',
  },
  'format.manifest-invalid': {
    message: 'The manifest is wrong at {where}: {problem}.',
    remedy: 'Its maker has to build the release again; nothing of it is used.',
    kind: 'untrusted',
    retry: 'never',
  },
  'format.sha256sum-line': {
    message: 'Line {line} of the checksum file is {found}; a SHA-256 checksum was expected.',
    remedy: 'Make it again with "sha256sum IMAGE > IMAGE.sha256" or "twinslot release sign".',
    kind: 'untrusted',
    retry: 'fix',
  },
  'format.sha256sum-missing': {
    message: 'The checksum file names {found} but not {expected}.',
    remedy: 'Give the image its original name back, or fetch the checksum file that belongs to it.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'format.sha256sum-ambiguous': {
    message: 'The checksum file has several different checksums for {expected}.',
    remedy: 'Fetch the checksum file that belongs to this image only.',
    kind: 'untrusted',
    retry: 'fix',
  },
})
