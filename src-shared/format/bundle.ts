// The frame of a bundle (docs/format/bundle.md section 2): 16 bytes of head, the manifest's bytes, the signature over
// exactly these bytes, zeroes up to a multiple of 4096, then the payload. The head alone says how much to read before
// anything can be believed; nothing here believes anything.
import { alignUp, concatBytes, KIB, MIB, utf8, viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import type { Manifest } from '#model/manifest.ts'
import { ALIGNMENT, payloadSize } from './image-layout.ts'

export const BUNDLE_MAGIC = 'TWINSLT1'
export const BUNDLE_HEAD_SIZE = 16
/** 100 000 blocks: 100 GB at the usual size. It is decoded before anybody knows who wrote it (release show). */
export const MAX_MANIFEST_SIZE = 8 * MIB
export const MAX_SIGNATURE_SIZE = 64 * KIB

export interface BundleFrame {
  readonly manifestOffset: number
  readonly manifestLength: number
  readonly signatureOffset: number
  readonly signatureLength: number
  /** End of the signature, where the padding begins. */
  readonly signedEnd: number
  readonly payloadOffset: number
}

function frameOf(manifestLength: number, signatureLength: number): BundleFrame {
  const bounded = (field: string, found: number, limit: number) => {
    if (found >= 1 && found <= limit) return
    throw new EngineError('format.bundle-header', { field, found, expected: `1 to ${limit}` })
  }
  bounded('the length of the manifest', manifestLength, MAX_MANIFEST_SIZE)
  bounded('the length of the signature', signatureLength, MAX_SIGNATURE_SIZE)
  const signatureOffset = BUNDLE_HEAD_SIZE + manifestLength
  const signedEnd = signatureOffset + signatureLength
  return {
    manifestOffset: BUNDLE_HEAD_SIZE,
    manifestLength,
    signatureOffset,
    signatureLength,
    signedEnd,
    payloadOffset: alignUp(signedEnd, ALIGNMENT),
  }
}

/** True when a file beginning with these bytes wants to be a bundle. */
export function isBundle(head: Uint8Array): boolean {
  return [...utf8(BUNDLE_MAGIC)].every((byte, index) => head[index] === byte)
}

const printableHead = (head: Uint8Array): string =>
  head.length === 0 ? 'nothing' : JSON.stringify(String.fromCharCode(...head.subarray(0, 8)).replace(/[^ -~]/g, '.'))

/**
 * Places of the parts, from the first 16 bytes of a file.
 * Throws `format.bundle-magic`, `format.bundle-truncated` (fewer than 16 bytes), `format.bundle-header`.
 */
export function decodeBundleHead(head: Uint8Array): BundleFrame {
  if (!isBundle(head))
    throw new EngineError('format.bundle-magic', { expected: `"${BUNDLE_MAGIC}"`, found: printableHead(head) })
  if (head.length < BUNDLE_HEAD_SIZE)
    throw new EngineError('format.bundle-truncated', { expected: BUNDLE_HEAD_SIZE, found: head.length })
  const view = viewOf(head)
  return frameOf(view.getUint32(8, true), view.getUint32(12, true))
}

/** Everything before the payload, padding included. Throws `format.bundle-header` when a part is too large. */
export function encodeBundleHead(manifest: Uint8Array, signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = frameOf(manifest.length, signature.length)
  const head = new Uint8Array(BUNDLE_HEAD_SIZE)
  head.set(utf8(BUNDLE_MAGIC))
  viewOf(head).setUint32(8, manifest.length, true)
  viewOf(head).setUint32(12, signature.length, true)
  return concatBytes([head, manifest, signature, new Uint8Array(frame.payloadOffset - frame.signedEnd)])
}

/** Bytes of the whole file. */
export const bundleSize = (frame: BundleFrame, manifest: Manifest): number =>
  frame.payloadOffset + payloadSize(manifest.images)

/** Throws `format.bundle-truncated` or `format.bundle-trailing` unless the file ends exactly where its last image ends. */
export function checkBundleSize(frame: BundleFrame, manifest: Manifest, found: number): void {
  const expected = bundleSize(frame, manifest)
  if (found < expected) throw new EngineError('format.bundle-truncated', { expected, found })
  if (found > expected) throw new EngineError('format.bundle-trailing', { expected, found })
}
