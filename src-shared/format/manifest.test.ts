// Manifests: every rule of docs/format/bundle.md section 3 and 4 refuses its violation, and nothing else is thrown.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromUtf8, MIB, utf8 } from '#base/bytes.ts'
import { EngineError, isEngineError } from '#base/errors.ts'
import type { Manifest, ManifestImage } from '#model/manifest.ts'
import fc from '#testing/property.ts'
import { sampleImage, sampleManifest } from '#testing/sample-manifest.ts'
import { packedLength, payloadSize, storedLimit, zeroesOfBlock } from './image-layout.ts'
import { decodeManifest, encodeManifest, parseManifest } from './manifest.ts'

test('a manifest survives encoding and decoding', () => {
  const manifest = sampleManifest()
  assert.deepEqual(decodeManifest(encodeManifest(manifest)), manifest)
  assert.equal(payloadSize(manifest.images), 61440 + 65536)
})

const inImage = (changes: Partial<ManifestImage>) => ({ images: [sampleImage(changes)] })
const violations: readonly (readonly [string, string, Record<string, unknown>])[] = [
  ['an unknown key', 'the top', { extra: 1 }],
  ['a missing key', 'channel', { channel: undefined }],
  ['a product with a slash', 'product', { product: 'a/b' }],
  ['a product of control characters', 'product', { product: 'a\u0000' }],
  ['a hardware name that turns the text around', 'hardware[0]', { hardware: ['HP \u202e046t'] }],
  ['a hardware name with outer white space', 'hardware[0]', { hardware: [' HP'] }],
  ['a hardware name twice', 'hardware', { hardware: ['HP', 'HP'] }],
  ['a version with a space', 'version', { version: '1 0' }],
  ['a negative counter', 'counter', { counter: -1 }],
  ['a fraction as counter', 'counter', { counter: 1.5 }],
  ['a counter as text', 'counter', { counter: '1' }],
  ['a day that does not exist', 'created', { created: '2026-02-30T00:00:00Z' }],
  ['an expiry before the creation', 'expires', { expires: '2026-11-22T04:00:00Z' }],
  ['no image', 'images', { images: [] }],
  ['two system images', 'images', { images: [sampleImage(), sampleImage({ offset: 61440 })] }],
  ['an unknown role', 'images[0].role', { images: [{ ...sampleImage(), role: 'data' }] }],
  ['an unknown key in an image', 'images[0]', { images: [{ ...sampleImage(), path: '/etc' }] }],
  ['an empty image', 'images[0].size', inImage({ size: 0, blocks: [], stored: [], zeroRuns: [] })],
  ['an upper-case digest', 'images[0].sha256', inImage({ sha256: 'A'.repeat(64) })],
  ['a short block digest', 'images[0].blocks[1]', inImage({ blocks: ['2'.repeat(64), '3', '4'.repeat(64)] })],
  ['a missing block digest', 'images[0].blocks', inImage({ blocks: ['2'.repeat(64)] })],
  ['a block size of zero', 'images[0].blockSize', inImage({ blockSize: 0 })],
  ['a block size that is no power of two', 'images[0].blockSize', inImage({ blockSize: 65537 })],
  ['a block size below 64 KiB', 'images[0].blockSize', inImage({ blockSize: 4096 })],
  ['a block size above 16 MiB', 'images[0].blockSize', inImage({ blockSize: 32 * MIB })],
  ['an empty zero run', 'images[0].zeroRuns[0]', inImage({ zeroRuns: [[4096, 0]] })],
  ['a zero run that is not aligned', 'images[0].zeroRuns[0]', inImage({ zeroRuns: [[100, 4096]] })],
  ['a zero run of odd length', 'images[0].zeroRuns[0]', inImage({ zeroRuns: [[4096, 100]] })],
  ['a zero run beyond the end', 'images[0].zeroRuns[0]', inImage({ zeroRuns: [[131072, 4096]] })],
  [
    'zero runs out of order',
    'images[0].zeroRuns[1]',
    inImage({
      zeroRuns: [
        [65536, 65536],
        [4096, 8192],
      ],
    }),
  ],
  [
    'zero runs that touch',
    'images[0].zeroRuns[1]',
    inImage({
      zeroRuns: [
        [4096, 4096],
        [8192, 4096],
      ],
    }),
  ],
  [
    'zero runs that overlap',
    'images[0].zeroRuns[1]',
    inImage({
      zeroRuns: [
        [4096, 8192],
        [8192, 4096],
      ],
    }),
  ],
  [
    'a zero run of three numbers',
    'images[0].zeroRuns[0]',
    { images: [{ ...sampleImage(), zeroRuns: [[0, 4096, 1]] }] },
  ],
  ['an image that does not begin the payload', 'images[0].offset', inImage({ offset: 4096 })],
  [
    'a gap between images',
    'images[1].offset',
    {
      images: [sampleImage(), { ...sampleManifest().images[1], offset: 65536 }],
    },
  ],
  [
    'images that overlap',
    'images[1].offset',
    {
      images: [sampleImage(), { ...sampleManifest().images[1], offset: 57344 }],
    },
  ],
  ['a missing stored size', 'images[0].stored', inImage({ stored: [57344] })],
  ['a stored size that is not the plain one', 'images[0].stored[0]', inImage({ stored: [57343, 0, 1000] })],
  ['bytes stored for a zero block', 'images[0].stored[1]', inImage({ stored: [57344, 1, 1000] })],
  ['nothing stored for a block with data', 'images[0].stored[0]', inImage({ compression: 'zstd', stored: [0, 0, 9] })],
  [
    'a compressed block that grew beyond the limit',
    'images[0].stored[2]',
    inImage({
      compression: 'zstd',
      stored: [9, 0, storedLimit(1000) + 1],
    }),
  ],
]
for (const [what, where, changes] of violations)
  test(`${what} is refused at ${where}`, () => {
    const value = JSON.parse(JSON.stringify({ ...sampleManifest(), ...changes }))
    assert.throws(
      () => parseManifest(value),
      (error) => isEngineError(error, 'format.manifest-invalid') && error.details.where === where,
    )
  })

test('a manifest of a later format is told apart from a broken one', () => {
  const later = { ...sampleManifest(), format: 'twinslot-manifest/2', news: true }
  assert.throws(
    () => parseManifest(later),
    (error) => isEngineError(error, 'format.manifest-version') && error.details.found === 'twinslot-manifest/2',
  )
  for (const value of [null, 1, [], { ...sampleManifest(), format: 2 }])
    assert.throws(
      () => parseManifest(value),
      (error) => isEngineError(error, 'format.manifest-invalid'),
    )
})

test('bytes of the same value in another spelling are refused', () => {
  assert.throws(
    () => decodeManifest(utf8(JSON.stringify(sampleManifest(), null, 1))),
    (error) => isEngineError(error, 'format.json-not-canonical'),
  )
})

test('every byte changed, removed or added gives another valid manifest or one of our errors', () => {
  const valid = encodeManifest(sampleManifest())
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.constantFrom(0, 1, 2), (at, byte, what) => {
      const parts = [valid.subarray(0, at), Uint8Array.of(byte), valid.subarray(what === 0 ? at + 1 : at)]
      const bytes = what === 1 ? valid.subarray(0, at) : Buffer.concat(parts)
      try {
        assert.deepEqual(encodeManifest(decodeManifest(bytes)), new Uint8Array(bytes), fromUtf8(bytes) ?? '')
      } catch (error) {
        assert.ok(error instanceof EngineError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

test('arbitrary JSON in the place of any field is a manifest or one of our errors', () => {
  const keys = Object.keys(sampleManifest()) as (keyof Manifest)[]
  const imageKeys = Object.keys(sampleImage()) as (keyof ManifestImage)[]
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...keys), fc.constantFrom(...imageKeys), (junk, key, imageKey) => {
      for (const value of [
        { ...sampleManifest(), [key]: junk },
        { ...sampleManifest(), images: [{ ...sampleImage(), [imageKey]: junk }] },
      ])
        try {
          parseManifest(value)
        } catch (error) {
          assert.ok(error instanceof EngineError, String(error))
        }
    }),
    { numRuns: 1000 },
  )
})

test('zero runs are cut out of the blocks they cross', () => {
  const image = sampleImage({
    zeroRuns: [
      [61440, 8192],
      [122880, 9192],
    ],
  })
  assert.deepEqual(zeroesOfBlock(image, 0), [[61440, 4096]])
  assert.deepEqual(zeroesOfBlock(image, 1), [
    [0, 4096],
    [57344, 8192],
  ])
  assert.deepEqual(zeroesOfBlock(image, 2), [[0, 1000]])
  assert.deepEqual(
    [0, 1, 2].map((index) => packedLength(image, index)),
    [61440, 53248, 0],
  )
})
