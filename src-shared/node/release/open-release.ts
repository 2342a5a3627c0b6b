// Opens a release and believes it only when its signature is good and from a trusted key: a bundle (authenticate the
// manifest's bytes, then decode, then validate), or the triple X.img, X.img.sha256, X.img.asc (one pass over the image
// for the checksum, the signature and the block table). Everything is read through one descriptor that stays open.
import { basename } from 'node:path'
import { EngineError } from '#base/errors.ts'
import type { ImageSource } from '#engine/image-source.ts'
import type { ByteSource } from '#engine/ports.ts'
import type { ReadAt } from '#engine/steps/context.ts'
import { BUNDLE_HEAD_SIZE, decodeBundleHead, isBundle } from '#format/bundle.ts'
import { blockLength } from '#format/image-layout.ts'
import { decodeManifest } from '#format/manifest.ts'
import { MAX_SHA256SUM_SIZE, sha256For } from '#format/sha256sum.ts'
import type { ImageFacts } from '#model/image-facts.ts'
import type { ImageRole, Manifest } from '#model/manifest.ts'
import type { ReleaseFacts } from '#model/plan.ts'
import type { Signer } from '#model/signer.ts'
import type { TrustedKeys } from '#trust/keyring.ts'
import { MAX_SIGNATURE_TEXT, verifyDetached } from '#trust/signature.ts'
import type { DigestRequest } from '#trust/signature-hash.ts'
import { digesterOf, sha256Hex } from '../codec/hashing.ts'
import type { PassOptions } from '../disk/read-blocks.ts'
import { openFileSource, readRange, readSmallFile } from '../os/file-source.ts'
import { bundleImage, checkBundleFile, readBundleHead } from './bundle-file.ts'
import { type BehindImage, behindImage, checkContent } from './content-check.ts'
import { compressionOf } from './image-input.ts'
import { hashImage, scanImage } from './scan-image.ts'

export interface AuthenticatedRelease extends AsyncDisposable {
  readonly kind: 'bundle' | 'triple'
  readonly path: string
  readonly signer: Signer
  /** Null for a triple, of which only the image itself says something. */
  readonly manifest: Manifest | null
  /** What the planners need; `facts.digest` is the SHA-256 of the manifest's bytes, or of the image for a triple. */
  readonly facts: ReleaseFacts
  readonly roles: readonly ImageRole[]
  /** Throws `release.no-image`. */
  image(role: ImageRole): ImageSource
}

export interface OpenOptions extends PassOptions {
  readonly now: Date
}

/**
 * Opens and authenticates. `onProgress` and `signal` serve the long pass over a triple's image; a bundle opens at once.
 * The images of a bundle are checked block by block when they are used. Throws `release.not-found`, `.not-a-file`,
 * `.unreadable`, `.empty`, `.compressed`, `.truncated`, `.source-failed`, `.checksum-missing`, `.checksum-mismatch`,
 * `format.*`, `trust.*`, `job.cancelled`.
 */
export async function openRelease(
  path: string,
  trusted: TrustedKeys,
  options: OpenOptions,
): Promise<AuthenticatedRelease> {
  const source = await openFileSource(path)
  try {
    const head = await readRange(source, 0, Math.min(BUNDLE_HEAD_SIZE, source.size))
    if (isBundle(head)) return await openBundle(path, source, trusted, options)
    checkPlain(path, head)
    const beside = await readBeside(path)
    if (!beside) decodeBundleHead(head)
    return await openTriple(path, source, beside, trusted, options)
  } catch (error) {
    await source[Symbol.asyncDispose]()
    throw error
  }
}

/** @throws EngineError `release.compressed` */
export function checkPlain(path: string, head: Uint8Array): void {
  const found = compressionOf(head)
  if (found) throw new EngineError('release.compressed', { path, found })
}

/**
 * A bundle whose bytes are anywhere; `path` names it. The release closes the source.
 * Throws `format.*`, `trust.*`, and what the source throws; then the source is still open.
 */
export async function openBundle(
  path: string,
  source: ByteSource,
  trusted: TrustedKeys,
  { now }: Pick<OpenOptions, 'now'>,
): Promise<AuthenticatedRelease> {
  const { frame, manifest: bytes, signature } = await readBundleHead(source)
  const signer = await verifyDetached({
    signature,
    signatureName: 'the signature in the bundle',
    dataName: 'its manifest',
    trusted,
    now,
    digest: digesterOf(bytes),
  })
  const manifest = decodeManifest(bytes)
  await checkBundleFile(source, frame, manifest)
  const images = new Map(manifest.images.map((image) => [image.role, bundleImage(source, frame, image)]))
  return release('bundle', path, source, signer, manifest, sha256Hex(bytes), images)
}

interface Beside {
  readonly checksum: Uint8Array | null
  readonly signature: Uint8Array | null
}

/** The two files beside an image; null when neither is there and the name is not one of an image. */
async function readBeside(path: string): Promise<Beside | null> {
  const checksum = await readSmallFile(`${path}.sha256`, MAX_SHA256SUM_SIZE)
  const signature = await readSmallFile(`${path}.asc`, MAX_SIGNATURE_TEXT)
  return checksum || signature || path.toLowerCase().endsWith('.img') ? { checksum, signature } : null
}

/** Checksum and signature of an image; `scan` is the one pass over its bytes. */
async function authenticateTriple<T extends { readonly sha256: string; readonly digests: readonly Uint8Array[] }>(
  path: string,
  beside: Beside | null,
  trusted: TrustedKeys,
  { now }: OpenOptions,
  scan: (requests: readonly DigestRequest[]) => Promise<T>,
): Promise<{ readonly signer: Signer; readonly scanned: T }> {
  const name = basename(path)
  if (!beside?.checksum) throw new EngineError('release.checksum-missing', { path: `${path}.sha256` })
  if (!beside.signature) throw new EngineError('trust.signature-missing', { name: `${name}.asc` })
  const expected = sha256For(beside.checksum, name)
  let scanned: T | undefined
  const signer = await verifyDetached({
    signature: beside.signature,
    signatureName: `${name}.asc`,
    dataName: name,
    trusted,
    now,
    async digest(requests) {
      scanned = await scan(requests)
      return scanned.digests
    },
  })
  if (!scanned) throw new EngineError('trust.signature-malformed', { problem: 'it covers nothing' })
  if (scanned.sha256 !== expected)
    throw new EngineError('release.checksum-mismatch', { name, expected, found: scanned.sha256 })
  return { signer, scanned }
}

async function openTriple(
  path: string,
  source: ByteSource,
  beside: Beside | null,
  trusted: TrustedKeys,
  options: OpenOptions,
) {
  const scan = (requests: readonly DigestRequest[]) => scanImage(source, requests, options)
  const { signer, scanned } = await authenticateTriple(path, beside, trusted, options, scan)
  const { table } = scanned
  const { facts } = await checkContent((offset, target) => source.read(offset, target), source.size)
  const image: ImageSource = {
    table,
    bytes: source,
    compression: 'none',
    packed: false,
    stored: (index) => ({ offset: index * table.blockSize, length: blockLength(table, index) }),
  }
  return release('triple', path, source, signer, null, table.sha256, new Map([['system', image]]), facts ?? null)
}

export interface CheckedTriple {
  /** Version that the image says of itself; null when it does not. */
  readonly version: string | null
  readonly signer: Signer
  readonly size: number
  readonly sha256: string
  /** What follows the file system; null when that is only its padding. */
  readonly behind: BehindImage | null
}

/**
 * Only checks a triple, without the block table that writing needs: every byte is hashed once. Null for a bundle.
 * Throws what openRelease throws for a triple.
 */
export async function checkTriple(
  path: string,
  trusted: TrustedKeys,
  options: OpenOptions,
): Promise<CheckedTriple | null> {
  await using source = await openFileSource(path)
  const head = await readRange(source, 0, Math.min(BUNDLE_HEAD_SIZE, source.size))
  const beside = isBundle(head) ? null : await readBeside(path)
  if (!beside) return null
  const scan = (requests: readonly DigestRequest[]) => hashImage(source, requests, options)
  const { signer, scanned } = await authenticateTriple(path, beside, trusted, options, scan)
  const read: ReadAt = (offset, target) => source.read(offset, target)
  const { facts, used } = await checkContent(read, source.size)
  const behind = await behindImage(read, source.size, used)
  return { signer, size: source.size, sha256: scanned.sha256, version: facts?.version ?? null, behind }
}

/** Of a manifest, or of the image of a triple, whose bytes the signature covers as well. */
function ownWord(by: Manifest | ImageFacts | null) {
  if (!by) return { product: null, version: null, counter: null }
  const { product, version, counter, hardware } = by
  return {
    ...{ product, version, counter },
    ...(hardware.length > 0 && { hardware }),
    ...('disk' in by && by.disk && { imageDisk: by.disk }),
  }
}

function saidBy({ fingerprint: _key, signingKey: _part, ...said }: Signer): ReleaseFacts['signature'] {
  return said
}

function release(
  kind: 'bundle' | 'triple',
  path: string,
  source: ByteSource,
  signer: Signer,
  manifest: Manifest | null,
  digest: string,
  images: ReadonlyMap<ImageRole, ImageSource>,
  said: ImageFacts | null = null,
): AuthenticatedRelease {
  const roles = [...images.keys()]
  const factsOf = (role: ImageRole) => {
    const table = images.get(role)?.table
    return table ? { size: table.size, sha256: table.sha256 } : null
  }
  return {
    kind,
    path,
    signer,
    manifest,
    roles,
    facts: {
      kind,
      digest,
      ...ownWord(manifest ?? said),
      signer: signer.fingerprint,
      system: factsOf('system'),
      esp: factsOf('esp'),
      signature: saidBy(signer),
    },
    image(role) {
      const image = images.get(role)
      if (!image) throw new EngineError('release.no-image', { role, found: roles.join(', ') })
      return image
    },
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  }
}
