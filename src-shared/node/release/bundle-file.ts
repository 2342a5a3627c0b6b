// A bundle in a file: its frame, the signed bytes, and where its images lie. Reading the head costs a few kilobytes.
import { isZero } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import type { ImageSource } from '#engine/image-source.ts'
import type { ByteSource } from '#engine/ports.ts'
import { BUNDLE_HEAD_SIZE, type BundleFrame, checkBundleSize, decodeBundleHead } from '#format/bundle.ts'
import { storedOffsets } from '#format/image-layout.ts'
import type { Manifest, ManifestImage } from '#model/manifest.ts'
import { readRange } from '../os/file-source.ts'

export interface BundleHead {
  readonly frame: BundleFrame
  /** Not believed before the signature was checked. */
  readonly manifest: Uint8Array
  readonly signature: Uint8Array
}

/**
 * Reads everything before the payload. Throws `format.bundle-magic`, `format.bundle-header`, `format.bundle-truncated`,
 * `format.bundle-padding`, and what the source throws.
 */
export async function readBundleHead(source: ByteSource): Promise<BundleHead> {
  const frame = decodeBundleHead(await readRange(source, 0, Math.min(BUNDLE_HEAD_SIZE, source.size)))
  if (source.size < frame.payloadOffset)
    throw new EngineError('format.bundle-truncated', { expected: frame.payloadOffset, found: source.size })
  const bytes = await readRange(source, frame.manifestOffset, frame.payloadOffset - frame.manifestOffset)
  const at = (offset: number, length: number) =>
    bytes.subarray(offset - frame.manifestOffset, offset - frame.manifestOffset + length)
  if (!isZero(at(frame.signedEnd, frame.payloadOffset - frame.signedEnd)))
    throw new EngineError('format.bundle-padding', { offset: frame.signedEnd })
  return {
    frame,
    manifest: at(frame.manifestOffset, frame.manifestLength),
    signature: at(frame.signatureOffset, frame.signatureLength),
  }
}

/** One image of an open bundle as the copy pipeline reads it. */
export function bundleImage(source: ByteSource, frame: BundleFrame, image: ManifestImage): ImageSource {
  const offsets = storedOffsets(image, frame.payloadOffset + image.offset)
  return {
    table: image,
    bytes: source,
    compression: image.compression,
    packed: true,
    stored: (index) => ({ offset: offsets[index], length: image.stored[index] }),
  }
}

/**
 * The file ends where its manifest says, and nothing but zeroes lies between the images. Throws
 * `format.bundle-truncated`, `format.bundle-trailing`, `format.bundle-padding`.
 */
export async function checkBundleFile(source: ByteSource, frame: BundleFrame, manifest: Manifest): Promise<void> {
  checkBundleSize(frame, manifest, source.size)
  for (const [index, image] of manifest.images.entries()) {
    const following = manifest.images[index + 1]
    if (!following) return
    const ends = storedOffsets(image, frame.payloadOffset + image.offset)
    const end = ends[ends.length - 1]
    const gap = await readRange(source, end, frame.payloadOffset + following.offset - end)
    if (!isZero(gap)) throw new EngineError('format.bundle-padding', { offset: end })
  }
}
