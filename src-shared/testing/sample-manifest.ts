// A small valid manifest to start from in tests: one system image of three blocks with one zero run, one ESP image.
import type { Manifest, ManifestImage } from '#model/manifest.ts'

const KIB64 = 64 * 1024

export const sampleImage = (changes: Partial<ManifestImage> = {}): ManifestImage => ({
  role: 'system',
  size: 2 * KIB64 + 1000,
  sha256: '1'.repeat(64),
  blockSize: KIB64,
  blocks: ['2'.repeat(64), '3'.repeat(64), '4'.repeat(64)],
  zeroRuns: [
    [4096, 8192],
    [KIB64, KIB64],
  ],
  compression: 'none',
  offset: 0,
  stored: [KIB64 - 8192, 0, 1000],
  ...changes,
})

export const sampleManifest = (changes: Partial<Manifest> = {}): Manifest => ({
  format: 'twinslot-manifest/1',
  product: 'demo',
  hardware: ['HP t640 Thin Client'],
  version: '1.0.44',
  channel: 'stable',
  counter: 44,
  created: '2026-11-22T04:00:00Z',
  expires: '2027-11-22T04:00:00Z',
  minimumVersion: '1.0.0',
  images: [
    sampleImage(),
    sampleImage({ role: 'esp', size: KIB64, blocks: ['5'.repeat(64)], zeroRuns: [], offset: 61440, stored: [KIB64] }),
  ],
  ...changes,
})
