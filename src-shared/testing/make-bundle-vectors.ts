// Makes the golden bundles in src-shared/vectors/bundle anew, with new keys: node src-shared/testing/make-bundle-vectors.ts
// Only due when the format changes: a golden file that is made again proves nothing about older readers.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { utf8, viewOf } from '#base/bytes.ts'
import { decodeBundleHead, encodeBundleHead } from '#format/bundle.ts'
import { canonicalJson } from '#format/canonical-json.ts'
import { encodeManifest } from '#format/manifest.ts'
import type { Manifest } from '#model/manifest.ts'
import { digesterOf } from '#node/codec/hashing.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { readSigningKey, type SigningKey, signDetached } from '#trust/sign.ts'
import { openReleaseBench } from './release-bench.ts'
import { formatVector } from './vector-file.ts'

const FOLDER = new URL('../vectors/bundle/', import.meta.url)
const NOW = '2026-11-22T04:00:00Z'
const LATER = '2026-11-25T04:00:00Z'
const now = new Date(NOW)

await using bench = await openReleaseBench(now)
/** 64 KiB of text around a hole, then a short block. */
const image = Buffer.alloc(70_000, 'twinslot golden vector ')
image.fill(0, 8192, 61440)
await writeFile(bench.at('v.img'), image)
const short = await createSigningKey({ name: 'Short-lived', now: new Date(now.getTime() - 1000), validDays: 2 })
const stranger = await createSigningKey({ name: 'Stranger', now: new Date(now.getTime() - 1000) })
const shortKey = await readSigningKey(utf8(short.secret), null)
const strangerKey = await readSigningKey(utf8(stranger.secret), null)

async function make(compression: 'none' | 'zstd' | 'gzip', key: SigningKey = bench.key): Promise<[Buffer, Manifest]> {
  const made = await bench.create('v.twinslot', { system: bench.at('v.img'), compression, key, expires: '2027-11-22' })
  return [await readFile(made.path), made.manifest]
}

async function resign(manifest: Uint8Array, payload: Uint8Array, at = now): Promise<Buffer> {
  const signature = utf8(await signDetached(bench.key, at, digesterOf(manifest)))
  return Buffer.concat([encodeBundleHead(manifest, signature), payload])
}

const [good, manifest] = await make('none')
const frame = decodeBundleHead(good)
const payload = good.subarray(frame.payloadOffset)
const [system] = manifest.images
const flip = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes)
  changed[at] ^= 1
  return changed
}
const withLength = (at: number, value: number): Buffer => {
  const changed = Buffer.from(good)
  viewOf(changed).setUint32(at, value, true)
  return changed
}

/** The same image twice, as ESP and as system image, with the gap between them. */
async function twoImages(): Promise<Buffer> {
  const gap = Buffer.alloc(Math.ceil(payload.length / 4096) * 4096 - payload.length)
  const second = { ...system, offset: payload.length + gap.length }
  const bytes = encodeManifest({ ...manifest, images: [{ ...system, role: 'esp' }, second] })
  return await resign(bytes, Buffer.concat([payload, gap, payload]))
}

const [zstd] = await make('zstd')
const [gzip] = await make('gzip')
const signed = (value: unknown) => resign(utf8(canonicalJson(value)), payload)
const two = await twoImages()
const bodies: readonly (readonly [string, string, string, Uint8Array, string?])[] = [
  ['good-none', 'a good bundle, not compressed, with a zero run', 'ok', good],
  ['good-zstd', 'a good bundle, each block a zstd frame', 'ok', zstd],
  ['good-gzip', 'a good bundle, each block a gzip member', 'ok', gzip],
  ['good-two-images', 'a good bundle with two images and padding between them', 'ok', two],
  ['magic', 'another magic', 'format.bundle-magic', flip(good, 7)],
  ['manifest-length', 'a manifest of 4 GiB', 'format.bundle-header', withLength(8, 0xffffffff)],
  ['signature-length', 'a signature of nothing', 'format.bundle-header', withLength(12, 0)],
  ['cut-manifest', 'cut inside the manifest', 'format.bundle-truncated', good.subarray(0, 100)],
  ['cut-payload', 'the last byte is missing', 'format.bundle-truncated', good.subarray(0, -1)],
  ['trailing', 'one byte too many', 'format.bundle-trailing', Buffer.concat([good, Buffer.alloc(1)])],
  [
    'padding-head',
    'padding before the payload is not zero',
    'format.bundle-padding',
    flip(good, frame.payloadOffset - 1),
  ],
  [
    'padding-image',
    'padding between the images is not zero',
    'format.bundle-padding',
    flip(two, two.length - payload.length - 1),
  ],
  ['manifest-bit', 'one flipped bit in the manifest', 'trust.wrong-data', flip(good, frame.manifestOffset + 40)],
  [
    'block-table-bit',
    'one flipped bit in the block table',
    'trust.wrong-data',
    flip(good, good.indexOf(system.blocks[1])),
  ],
  ['first-block-bit', 'one flipped bit in the first block', 'release.block-mismatch', flip(good, frame.payloadOffset)],
  ['last-block-bit', 'one flipped bit in the last block', 'release.block-mismatch', flip(good, good.length - 1)],
  ['zstd-frame', 'a damaged zstd frame', 'release.block-undecodable', flip(zstd, decodeBundleHead(zstd).payloadOffset)],
  [
    'whole-digest',
    'the digest of the whole image is wrong, all blocks are right',
    'release.image-mismatch',
    await signed({ ...manifest, images: [{ ...system, sha256: '0'.repeat(64) }] }),
  ],
  ['unknown-key', 'signed by a key that is not trusted', 'trust.unknown-key', (await make('none', strangerKey))[0]],
  [
    'key-expired',
    'signed by a key that has expired since',
    'trust.key-expired',
    (await make('none', shortKey))[0],
    LATER,
  ],
  [
    'future',
    'signed tomorrow',
    'trust.signature-future',
    await resign(encodeManifest(manifest), payload, new Date(LATER)),
  ],
  [
    'no-signature',
    'white space instead of a signature',
    'trust.signature-missing',
    Buffer.concat([encodeBundleHead(encodeManifest(manifest), utf8('\n')), payload]),
  ],
  [
    'spelling',
    'signed JSON with white space',
    'format.json-not-canonical',
    await resign(utf8(JSON.stringify(manifest)), payload),
  ],
  [
    'unknown-field',
    'a signed manifest with a field more',
    'format.manifest-invalid',
    await signed({ ...manifest, path: '/etc' }),
  ],
  [
    'zero-run',
    'a signed manifest with a zero run beyond the image',
    'format.manifest-invalid',
    await signed({ ...manifest, images: [{ ...system, zeroRuns: [[69632, 4096]] }] }),
  ],
  [
    'later-format',
    'a signed manifest of a later format',
    'format.manifest-version',
    await signed({ ...manifest, format: 'twinslot-manifest/2' }),
  ],
]

await rm(FOLDER, { recursive: true, force: true })
await mkdir(FOLDER, { recursive: true })
await writeFile(new URL('keys.asc', FOLDER), bench.publicKey + short.public)
for (const [name, scenario, expect, bytes, at = NOW] of bodies)
  await writeFile(new URL(`${name}.txt`, FOLDER), formatVector({ scenario, expect, now: at, bytes }))
