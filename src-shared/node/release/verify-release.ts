// Checks a whole release, every byte of it: signature, every block of every image, and the SHA-256 of each image.
// And shows what a release says about itself without believing it.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { EngineError, type Finding, isEngineError, throwIfAborted } from '#base/errors.ts'
import type { BlockCodec } from '#engine/copy/ports.ts'
import { imageReader } from '#engine/image-reader.ts'
import type { ImageSource } from '#engine/image-source.ts'
import type { ByteSource } from '#engine/ports.ts'
import { BUNDLE_HEAD_SIZE, type BundleFrame, isBundle } from '#format/bundle.ts'
import { blockLength, storedSize, zeroesOfBlock } from '#format/image-layout.ts'
import { decodeManifest } from '#format/manifest.ts'
import { MAX_SHA256SUM_SIZE, parseSha256sum, type Sha256Line } from '#format/sha256sum.ts'
import type { ImageRole, Manifest } from '#model/manifest.ts'
import type { Signer } from '#model/signer.ts'
import type { TrustedKeys } from '#trust/keyring.ts'
import { MAX_SIGNATURE_TEXT } from '#trust/signature.ts'
import { inlineCodec } from '../codec/block-codec.ts'
import { codecFor } from '../codec/codec-for.ts'
import { sha256Hex } from '../codec/hashing.ts'
import { inOrder } from '../codec/in-order.ts'
import type { PassOptions } from '../disk/read-blocks.ts'
import { openFileSource, readRange, readSmallFile } from '../os/file-source.ts'
import { bundleImage, checkBundleFile, readBundleHead } from './bundle-file.ts'
import { type BehindImage, behindImage, checkContent } from './content-check.ts'
import { type AuthenticatedRelease, checkTriple, type OpenOptions, openRelease } from './open-release.ts'
import { inspectSystemImage } from './release-checks.ts'

export interface CheckedImage {
  readonly role: ImageRole
  /** Plain bytes, all of them checked. */
  readonly size: number
  readonly sha256: string
}

export interface ReleaseCheck {
  readonly kind: 'bundle' | 'triple'
  readonly signer: Signer
  readonly digest: string
  readonly manifest: Manifest | null
  readonly images: readonly CheckedImage[]
  /** What follows the file system in the system image; null when that is only its padding. */
  readonly behind: BehindImage | null
}

/**
 * Authenticates a release and checks all its content. Throws what openRelease throws, `release.block-mismatch`,
 * `release.block-undecodable`, `release.image-mismatch`, `image.facts-differ`.
 */
export async function verifyRelease(path: string, trusted: TrustedKeys, options: OpenOptions): Promise<ReleaseCheck> {
  const triple = await checkTriple(path, trusted, options)
  if (triple) {
    const { signer, size, sha256, behind } = triple
    return {
      kind: 'triple',
      signer,
      digest: sha256,
      manifest: null,
      images: [{ role: 'system', size, sha256 }],
      behind,
    }
  }
  await using release = await openRelease(path, trusted, options)
  const { kind, signer, manifest, facts, roles } = release
  const sources = roles.map((role) => [role, release.image(role)] as const)
  const total = sources.reduce((sum, [, { table }]) => sum + table.size, 0)
  const images: CheckedImage[] = []
  let done = 0
  for (const [role, source] of sources) {
    const base = done
    const onProgress = (bytes: number) => options.onProgress?.(base + bytes, total)
    await checkImage(role, source, { signal: options.signal, onProgress })
    const { size, sha256 } = source.table
    images.push({ role, size, sha256 })
    done += size
  }
  const behind = await checkWord(release)
  return { kind, signer, digest: facts.digest, manifest, images, behind }
}

/** The image says of itself what the manifest says; answers what lies behind its file system. @throws EngineError `image.facts-differ` */
async function checkWord(release: AuthenticatedRelease): Promise<BehindImage | null> {
  if (!release.roles.includes('system')) return null
  await using codec = codecFor(release.image('system').table.size, 1)
  const { findings, behind } = await inspectSystemImage(release, codec)
  const differs = findings.find(({ code }) => code === 'image.facts-differ')
  if (differs) throw new EngineError(differs.code, differs.details)
  return behind
}

async function checkImage(role: ImageRole, source: ImageSource, { signal, onProgress }: PassOptions): Promise<void> {
  const { table } = source
  const whole = createHash('sha256')
  await using codec = codecFor(table.size, 2)
  const depth = codec.parallel + 1
  const slots = Array.from({ length: depth }, () => codec.allocate(Math.min(table.blockSize, table.size)))
  const read = async (index: number, slot: number) => {
    const block = slots[slot].subarray(0, blockLength(table, index))
    return { block, found: await unpack(role, source, index, block, codec) }
  }
  let index = 0
  let done = 0
  for await (const { block, found } of inOrder(table.blocks.length, depth, read)) {
    throwIfAborted(signal)
    const expected = table.blocks[index]
    if (found !== expected) throw new EngineError('release.block-mismatch', { role, index, expected, found })
    whole.update(block)
    index++
    done += block.length
    onProgress?.(done, table.size)
  }
  const found = whole.digest('hex')
  if (found !== table.sha256) throw new EngineError('release.image-mismatch', { role, expected: table.sha256, found })
}

/** Fills `block` from its stored bytes and answers its digest. Throws `release.block-undecodable`. */
async function unpack(
  role: ImageRole,
  source: ImageSource,
  index: number,
  block: Uint8Array,
  codec: BlockCodec,
): Promise<string> {
  const { table, compression } = source
  const { offset, length } = source.stored(index)
  const stored = await readRange(source.bytes, offset, length)
  try {
    const zeroes = zeroesOfBlock(table, index)
    // Nothing is stored of a block of zeroes, not even an empty frame.
    return await codec.unpack({ stored, compression: length === 0 ? 'none' : compression, zeroes }, block)
  } catch (cause) {
    if (!isEngineError(cause, 'write.source-undecodable')) throw cause
    const reason = `${cause.details.reason}`
    throw new EngineError('release.block-undecodable', { role, index, expected: block.length, reason }, { cause })
  }
}

/** What a release says about itself. Nothing of it was authenticated. */
export type ReleaseClaims =
  | {
      readonly kind: 'bundle'
      readonly authenticated: false
      readonly size: number
      readonly digest: string
      readonly manifest: Manifest
      readonly storedSizes: Readonly<Record<string, number>>
      readonly behind: BehindImage | null
      /** Why nobody could look into the system image; null when somebody did, or there is none. */
      readonly unread: Finding | null
    }
  | {
      readonly kind: 'triple'
      readonly authenticated: false
      readonly size: number
      readonly name: string
      readonly checksums: readonly Sha256Line[] | null
      readonly hasSignature: boolean
      readonly behind: BehindImage | null
    }

/** What lies behind the file system of a bundle; blocks that are damaged are told, the claims are shown all the same. */
async function behindInBundle(
  source: ByteSource,
  frame: BundleFrame,
  manifest: Manifest,
): Promise<{ readonly behind: BehindImage | null; readonly unread: Finding | null }> {
  const image = manifest.images.find(({ role }) => role === 'system')
  if (!image) return { behind: null, unread: null }
  const read = imageReader(bundleImage(source, frame, image), inlineCodec)
  try {
    const { used } = await checkContent(read, image.size)
    return { behind: await behindImage(read, image.size, used), unread: null }
  } catch (error) {
    if (!isEngineError(error)) throw error
    return { behind: null, unread: { code: error.code, details: error.details } }
  }
}

/** Reads the head of a bundle, or what lies beside an image. Throws what opening throws, but judges no signature. */
export async function showRelease(path: string): Promise<ReleaseClaims> {
  await using source = await openFileSource(path)
  const { size } = source
  const first = await readRange(source, 0, Math.min(BUNDLE_HEAD_SIZE, size))
  const checksum = isBundle(first) ? null : await readSmallFile(`${path}.sha256`, MAX_SHA256SUM_SIZE)
  const signature = isBundle(first) ? null : await readSmallFile(`${path}.asc`, MAX_SIGNATURE_TEXT)
  if (isBundle(first) || (!checksum && !signature && !path.toLowerCase().endsWith('.img'))) {
    const { frame, manifest: bytes } = await readBundleHead(source)
    const manifest = decodeManifest(bytes)
    await checkBundleFile(source, frame, manifest)
    const storedSizes = Object.fromEntries(manifest.images.map((image) => [image.role, storedSize(image)]))
    const claims = {
      kind: 'bundle',
      authenticated: false,
      size,
      digest: sha256Hex(bytes),
      manifest,
      storedSizes,
    } as const
    return { ...claims, ...(await behindInBundle(source, frame, manifest)) }
  }
  const checksums = checksum ? parseSha256sum(checksum) : null
  const read = (offset: number, target: Uint8Array) => source.read(offset, target)
  const { used } = await checkContent(read, size)
  return {
    kind: 'triple',
    authenticated: false,
    size,
    name: basename(path),
    checksums,
    hasSignature: signature !== null,
    behind: await behindImage(read, size, used),
  }
}
