// Bundles that were cut, changed or made by an attacker: each is refused with its own code, and arbitrary damage never
// gives anything but one of our errors or, when only unbelieved bytes changed, a block that does not match.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { utf8, viewOf } from '#base/bytes.ts'
import { EngineError, type ErrorCode, isEngineError } from '#base/errors.ts'
import { type BundleFrame, decodeBundleHead, encodeBundleHead } from '#format/bundle.ts'
import { canonicalJson } from '#format/canonical-json.ts'
import { encodeManifest } from '#format/manifest.ts'
import type { Manifest } from '#model/manifest.ts'
import fc from '#testing/property.ts'
import { openReleaseBench, type ReleaseBench } from '#testing/release-bench.ts'
import { parseTrust } from '#trust/keyring.ts'
import { signDetached } from '#trust/sign.ts'
import { digesterOf, sha256Hex } from '../codec/hashing.ts'
import { openRelease } from './open-release.ts'
import { createSigningKey } from './signing-key.ts'
import { verifyRelease } from './verify-release.ts'

let bench: ReleaseBench
/** A good bundle: `esp` is the sample image as well, so that there are two images and a gap between them. */
let good: Buffer
let frame: BundleFrame
let manifest: Manifest
before(async () => {
  bench = await openReleaseBench()
  const made = await bench.create('good.twinslot', { compression: 'none' })
  const single = await readFile(made.path)
  const payload = single.subarray(decodeBundleHead(single).payloadOffset)
  const [image] = made.manifest.images
  const gap = Buffer.alloc(Math.ceil(payload.length / 4096) * 4096 - payload.length)
  manifest = {
    ...made.manifest,
    images: [
      { ...image, role: 'esp' },
      { ...image, offset: payload.length + gap.length },
    ],
  }
  good = Buffer.concat([await signedHead(encodeManifest(manifest)), payload, gap, payload])
  frame = decodeBundleHead(good)
})
after(async () => {
  await bench[Symbol.asyncDispose]()
})

async function signedHead(bytes: Uint8Array): Promise<Uint8Array> {
  return encodeBundleHead(bytes, utf8(await signDetached(bench.key, bench.now, digesterOf(bytes))))
}

async function open(bytes: Uint8Array): Promise<void> {
  await writeFile(bench.at('bad.twinslot'), bytes)
  await verifyRelease(bench.at('bad.twinslot'), bench.trusted, { now: bench.now })
}

async function refuses(code: ErrorCode, bytes: Uint8Array): Promise<EngineError> {
  try {
    await open(bytes)
  } catch (error) {
    assert.ok(isEngineError(error), String(error))
    assert.equal(error.code, code, error.message)
    assert.doesNotMatch(error.message, /[{}]/)
    return error
  }
  assert.fail(`${code} expected, but the bundle was accepted`)
}

/** The good bundle with one bit changed. */
function flip(at: number, bit = 0): Buffer {
  const bytes = Buffer.from(good)
  bytes[at] ^= 1 << bit
  return bytes
}

test('the bundle that all others are made from is good', async () => {
  await open(good)
})

test('a bundle cut anywhere is refused', async () => {
  assert.equal((await refuses('release.empty', good.subarray(0, 0))).code, 'release.empty')
  await refuses('format.bundle-magic', good.subarray(0, 7))
  await refuses('format.bundle-truncated', good.subarray(0, 15))
  await refuses('format.bundle-truncated', good.subarray(0, 16))
  await refuses('format.bundle-truncated', good.subarray(0, frame.signatureOffset - 1))
  await refuses('format.bundle-truncated', good.subarray(0, frame.signatureOffset + 100))
  await refuses('format.bundle-truncated', good.subarray(0, frame.payloadOffset))
  await refuses('format.bundle-truncated', good.subarray(0, frame.payloadOffset + 100_000))
  await refuses('format.bundle-truncated', good.subarray(0, good.length - 1))
})

test('bytes after the end are refused', async () => {
  await refuses('format.bundle-trailing', Buffer.concat([good, Buffer.alloc(1)]))
  await refuses('format.bundle-trailing', Buffer.concat([good, good]))
})

test('one flipped bit in the head is refused', async () => {
  await refuses('format.bundle-magic', flip(0))
  await refuses('format.bundle-magic', flip(7))
  for (const at of [8, 9, 12, 13])
    await assert.rejects(open(flip(at)), (error) => isEngineError(error) && /^(format|trust)\./.test(error.code))
})

test('huge lengths in the head are refused before anything is allocated', async () => {
  const bytes = Buffer.from(good)
  for (const at of [8, 12]) {
    const changed = Buffer.from(bytes)
    viewOf(changed).setUint32(at, 0xffffffff, true)
    await refuses('format.bundle-header', changed)
  }
})

test('one flipped bit in the manifest is wrong data: nothing of it is decoded', async () => {
  const middle = Math.floor((frame.manifestOffset + frame.signatureOffset) / 2)
  for (const at of [frame.manifestOffset, middle, frame.signatureOffset - 1])
    await refuses('trust.wrong-data', flip(at))
  // The digest of the first block: the block table is a part of the signed manifest.
  const table = good.indexOf(manifest.images[0].blocks[0])
  await refuses('trust.wrong-data', flip(table))
})

test('one flipped bit in the signature is refused', async () => {
  const text = good.subarray(frame.signatureOffset, frame.signedEnd).toString('latin1')
  // The last bytes of the armored data are the signature's own numbers.
  const numbers = frame.signatureOffset + text.indexOf('\n=') - 12
  const changed = Buffer.from(good)
  changed[numbers] = changed[numbers] === 0x41 ? 0x42 : 0x41
  await refuses('trust.wrong-data', changed)
  await refuses('trust.signature-malformed', flip(frame.signatureOffset))
})

test('padding that is not zero is refused, before the payload and between images', async () => {
  if (frame.signedEnd < frame.payloadOffset) await refuses('format.bundle-padding', flip(frame.payloadOffset - 1))
  await refuses('format.bundle-padding', flip(frame.payloadOffset + manifest.images[1].offset - 1))
})

test('one flipped bit in an image is found in its block: first, middle, last', async () => {
  const last = manifest.images[1].blocks.length - 1
  const start = frame.payloadOffset + manifest.images[1].offset
  for (const [at, index] of [
    [start, 0],
    [start + 65536 + 5, 1],
    [good.length - 1, last],
  ] as const) {
    const error = await refuses('release.block-mismatch', flip(at))
    assert.equal(error.details.index, index)
    assert.equal(error.details.role, 'system')
  }
})

test('compressed blocks that are damaged, bombs or too short are refused', async () => {
  for (const compression of ['zstd', 'gzip'] as const) {
    const made = await bench.create('packed.twinslot', { compression })
    const bytes = await readFile(made.path)
    const place = decodeBundleHead(bytes).payloadOffset + made.manifest.images[0].stored[0]
    bytes[place] ^= 0xff
    const error = await refuses('release.block-undecodable', bytes)
    assert.equal(error.details.index, 1)
  }
  const { gzipSync } = await import('node:zlib')
  for (const plain of [Buffer.alloc(1 << 20), Buffer.alloc(100)]) {
    const stored = gzipSync(plain)
    const image = { ...manifest.images[0], role: 'system' as const, size: 4096, zeroRuns: [], blockSize: 65536 }
    const table = { ...image, compression: 'gzip' as const, blocks: [sha256Hex(plain)], stored: [stored.length] }
    const head = await signedHead(encodeManifest({ ...manifest, images: [table] }))
    await refuses('release.block-undecodable', Buffer.concat([head, stored]))
  }
})

test('a whole-image digest that contradicts the blocks is refused', async () => {
  const images = [manifest.images[0], { ...manifest.images[1], sha256: '0'.repeat(64) }]
  const bytes = Buffer.concat([await signedHead(encodeManifest({ ...manifest, images })), payloadOf(good)])
  assert.equal((await refuses('release.image-mismatch', bytes)).details.role, 'system')
})

const payloadOf = (bytes: Buffer): Buffer => bytes.subarray(decodeBundleHead(bytes).payloadOffset)

test('signed nonsense is still nonsense: what the key holder signs is validated as well', async () => {
  const signed = async (text: string) => Buffer.concat([await signedHead(utf8(text)), payloadOf(good)])
  await refuses('format.json-not-canonical', await signed('no JSON'))
  await refuses('format.json-not-canonical', await signed(JSON.stringify(manifest)))
  await refuses('format.manifest-invalid', await signed(canonicalJson({ ...manifest, more: 1 })))
  await refuses('format.manifest-version', await signed(canonicalJson({ ...manifest, format: 'twinslot-manifest/9' })))
})

test('a bundle signed by another key is from an unknown key, and its signature may not be text or a message', async () => {
  const other = await createSigningKey({ name: 'Other', now: bench.now })
  const trusted = await parseTrust(utf8(other.public))
  await writeFile(bench.at('bad.twinslot'), good)
  const opened = openRelease(bench.at('bad.twinslot'), trusted, { now: bench.now })
  await assert.rejects(opened, (error) => isEngineError(error, 'trust.unknown-key'))
  const bytes = encodeManifest(manifest)
  const inline = '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n-----BEGIN PGP SIGNATURE-----\n'
  const head = (signature: string) => Buffer.concat([encodeBundleHead(bytes, utf8(signature)), payloadOf(good)])
  await refuses('trust.signature-inline', head(inline))
  await refuses('trust.signature-missing', head('\n'))
})

test('folders, missing files and devices are no releases', async () => {
  const cases: readonly (readonly [string, ErrorCode])[] = [
    [bench.folder, 'release.not-a-file'],
    ['/dev/null', 'release.not-a-file'],
    [bench.at('nowhere'), 'release.not-found'],
    [bench.at('x.img/y'), 'release.not-found'],
  ]
  for (const [path, code] of cases)
    await assert.rejects(openRelease(path, bench.trusted, { now: bench.now }), (error) => isEngineError(error, code))
})

test('random damage to a bundle is refused with one of our errors, and no accepted bundle differs from the good one', async () => {
  const change = fc.record({
    at: fc.oneof(fc.nat(good.length - 1), fc.nat(frame.payloadOffset - 1), fc.nat(64)),
    byte: fc.nat(255),
    cut: fc.option(fc.nat(good.length), { freq: 4 }),
  })
  await fc.assert(
    fc.asyncProperty(change, async ({ at, byte, cut }) => {
      const bytes = Buffer.from(good.subarray(0, cut ?? good.length))
      if (at < bytes.length) bytes[at] = byte
      try {
        await open(bytes)
        assert.ok(bytes.equals(good) || isSameSignature(bytes), 'a changed bundle was accepted')
      } catch (error) {
        assert.ok(error instanceof EngineError, String(error))
      }
    }),
    { numRuns: 250 },
  )
})

/** Bytes outside the signature are the good ones: armor has spellings that mean the same (checksum, headers, line ends). */
function isSameSignature(bytes: Buffer): boolean {
  const { signatureOffset, signedEnd } = frame
  return (
    bytes.subarray(0, signatureOffset).equals(good.subarray(0, signatureOffset)) &&
    bytes.subarray(signedEnd).equals(good.subarray(signedEnd))
  )
}
