// The frame of a bundle: what the first 16 bytes say, and that they are believed only within bounds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8, viewOf } from '#base/bytes.ts'
import { EngineError, type ErrorCode, isEngineError } from '#base/errors.ts'
import fc from '#testing/property.ts'
import { sampleManifest } from '#testing/sample-manifest.ts'
import {
  BUNDLE_HEAD_SIZE,
  bundleSize,
  checkBundleSize,
  decodeBundleHead,
  encodeBundleHead,
  isBundle,
  MAX_MANIFEST_SIZE,
  MAX_SIGNATURE_SIZE,
} from './bundle.ts'
import { encodeManifest } from './manifest.ts'

test('the frame that is written is the frame that is read, for all lengths around the padding', () => {
  for (const length of [1, 4069, 4070, 4071, 4072, 8166]) {
    const manifest = new Uint8Array(length).fill(1)
    const bytes = encodeBundleHead(manifest, new Uint8Array(10).fill(2))
    const frame = decodeBundleHead(bytes)
    assert.equal(frame.payloadOffset, bytes.length)
    assert.equal(bytes.length % 4096, 0)
    assert.deepEqual(bytes.subarray(frame.manifestOffset, frame.manifestOffset + length), manifest)
    assert.equal(bytes[frame.signatureOffset], 2)
    assert.equal(bytes[frame.signedEnd - 1], 2)
    assert.ok(bytes.subarray(frame.signedEnd).every((byte) => byte === 0))
    assert.ok(frame.payloadOffset - frame.signedEnd < 4096)
  }
})

const head = (manifest: number, signature: number): Uint8Array => {
  const bytes = new Uint8Array(BUNDLE_HEAD_SIZE)
  bytes.set(utf8('TWINSLT1'))
  viewOf(bytes).setUint32(8, manifest, true)
  viewOf(bytes).setUint32(12, signature, true)
  return bytes
}

const refused: readonly (readonly [string, Uint8Array, ErrorCode])[] = [
  ['nothing', new Uint8Array(0), 'format.bundle-magic'],
  ['half a magic', utf8('TWIN'), 'format.bundle-magic'],
  ['a squashfs', utf8('hsqs............'), 'format.bundle-magic'],
  ['a later magic', utf8('TWINSLT2........'), 'format.bundle-magic'],
  ['a head that is cut off', head(1, 1).subarray(0, 15), 'format.bundle-truncated'],
  ['no manifest', head(0, 1), 'format.bundle-header'],
  ['no signature', head(1, 0), 'format.bundle-header'],
  ['a manifest of 4 GiB', head(0xffffffff, 1), 'format.bundle-header'],
  ['a manifest one byte too large', head(MAX_MANIFEST_SIZE + 1, 1), 'format.bundle-header'],
  ['a signature one byte too large', head(1, MAX_SIGNATURE_SIZE + 1), 'format.bundle-header'],
]
for (const [what, bytes, code] of refused)
  test(`${what} is refused with ${code}`, () => {
    assert.throws(
      () => decodeBundleHead(bytes),
      (error) => isEngineError(error, code),
    )
  })

test('a file one byte too short or too long is refused', () => {
  const manifest = sampleManifest()
  const frame = decodeBundleHead(encodeBundleHead(encodeManifest(manifest), utf8('signature')))
  const size = bundleSize(frame, manifest)
  checkBundleSize(frame, manifest, size)
  assert.throws(
    () => checkBundleSize(frame, manifest, size - 1),
    (error) => isEngineError(error, 'format.bundle-truncated') && error.details.expected === size,
  )
  assert.throws(
    () => checkBundleSize(frame, manifest, size + 1),
    (error) => isEngineError(error, 'format.bundle-trailing') && error.details.found === size + 1,
  )
})

test('arbitrary heads give a frame within bounds or one of our errors', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff)).map(([a, b]) => head(a, b)),
    fc.tuple(fc.nat(2 ** 27), fc.nat(2 ** 17)).map(([a, b]) => head(a, b)),
  )
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        const frame = decodeBundleHead(input)
        assert.ok(isBundle(input))
        assert.ok(frame.payloadOffset <= MAX_MANIFEST_SIZE + MAX_SIGNATURE_SIZE + 8192)
      } catch (error) {
        assert.ok(error instanceof EngineError)
      }
    }),
    { numRuns: 3000 },
  )
})
