// Makes a bundle: images packed into a temporary payload, then head, signature and payload in one file that appears only
// when it is whole. The same inputs, key and `created` give the same bytes.
import { type FileHandle, rm } from 'node:fs/promises'
import { alignUp } from '#base/bytes.ts'
import { EngineError, isEngineError, throwIfAborted } from '#base/errors.ts'
import { imageReader } from '#engine/image-reader.ts'
import type { ByteSource } from '#engine/ports.ts'
import { encodeBundleHead } from '#format/bundle.ts'
import { decodeGeometry } from '#format/fat32/geometry.ts'
import { ALIGNMENT, payloadSize, storedOffsets } from '#format/image-layout.ts'
import { encodeManifest, MANIFEST_FORMAT } from '#format/manifest.ts'
import { isIsoTime, toIsoTime } from '#model/iso-time.ts'
import type { Manifest, ManifestImage } from '#model/manifest.ts'
import { factsDiffer } from '#plan/image-fits.ts'
import { type SigningKey, signDetached } from '#trust/sign.ts'
import { buildBootImage, isFolder, streamImage } from '../boot/boot-image.ts'
import { inlineCodec } from '../codec/block-codec.ts'
import { digesterOf, sha256Hex } from '../codec/hashing.ts'
import { openPart, writeOutput } from '../os/output-file.ts'
import { type BehindImage, behindImage, checkContent, type checkSlotContent } from './content-check.ts'
import { readImageInput } from './image-input.ts'
import { type PackedImage, packImage, writeAll } from './pack-image.ts'

export interface CreateOptions {
  readonly version: string
  readonly product: string
  /** Image file of the system; gzip, xz and zstd are unpacked. */
  readonly system: string
  /** Folder with the files of the ESP, or a FAT32 image file. */
  readonly boot?: string | null
  /** Default `stable`. */
  readonly channel?: string
  /** Default 0. */
  readonly counter?: number
  /** ISO date (valid to the end of that day, UTC) or time. */
  readonly expires?: string | null
  readonly minimumVersion?: string | null
  readonly hardware?: readonly string[]
  /** Default zstd. */
  readonly compression?: 'none' | 'zstd' | 'gzip'
  readonly blockSize?: number
  readonly key: SigningKey
  /** Time of creation and signature. */
  readonly created: Date
  readonly out: string
  /** A file that is there under that name is replaced; without this it is refused. */
  readonly replace?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (role: string, plainBytes: number) => void
  /** Looks into the system image before it is signed; what no slot can hold, or contradicts the manifest, throws `image.*`. For makers of hostile releases. */
  readonly look?: typeof checkSlotContent
}

export interface CreatedRelease {
  readonly path: string
  /** Bytes of the bundle. */
  readonly size: number
  readonly manifest: Manifest
  /** SHA-256 of the manifest's bytes: what "this release" means. */
  readonly digest: string
  readonly signer: string
  /** What follows the file system in the system image; null when that is only its padding. */
  readonly behind: BehindImage | null
}

/** `2027-01-31` means the last second of that day; a full time means itself. Throws `release.bad-option`. */
export function parseExpires(text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59Z` : text
  if (isIsoTime(time)) return time
  const expected = 'a date like 2027-01-31 or a time like 2027-01-31T12:00:00Z'
  throw new EngineError('release.bad-option', { option: '--expires', found: JSON.stringify(text), expected })
}

/**
 * Makes and signs a bundle. Throws `release.bad-option`, `release.signing-key`, what reading the inputs throws,
 * `fat.not-fat32`, `image.*` (the system image is none), `cli.file-exists`, `release.output-failed`, `job.cancelled`.
 */
export async function createRelease(options: CreateOptions): Promise<CreatedRelease> {
  const facts = checkedFacts(options)
  const payloadPath = `${options.out}.payload.part`
  let result: CreatedRelease | undefined
  await writeOutput(
    options.out,
    async (file) => {
      const payload = await openPart(payloadPath)
      try {
        const { images, behind } = await packImages(options, facts, payload)
        const manifest: Manifest = { ...facts, images }
        const bytes = encodeManifest(manifest)
        const signature = await signDetached(options.key, options.created, digesterOf(bytes))
        const head = encodeBundleHead(bytes, Buffer.from(signature))
        await writeAll(file, head, 0)
        const size = head.length + payloadSize(images)
        await copyPayload(payload, file, head.length, payloadSize(images), options.signal)
        const signer = options.key.fingerprint
        result = { path: options.out, size, manifest, digest: sha256Hex(bytes), signer, behind }
      } finally {
        await payload.close()
        await rm(payloadPath, { force: true })
      }
    },
    options,
  )
  if (!result) throw new EngineError('release.output-failed', { path: options.out, reason: 'nothing was written' })
  return result
}

/** The manifest without images, checked before the long work begins. Throws `release.bad-option`. */
export function checkedFacts(options: Omit<CreateOptions, 'system' | 'out' | 'key'>): Omit<Manifest, 'images'> {
  const facts = {
    format: MANIFEST_FORMAT,
    product: options.product,
    hardware: options.hardware ?? [],
    version: options.version,
    channel: options.channel ?? 'stable',
    counter: options.counter ?? 0,
    created: toIsoTime(options.created),
    expires: options.expires ? parseExpires(options.expires) : null,
    minimumVersion: options.minimumVersion ?? null,
  } as const
  const block = { blockSize: 65536, blocks: ['0'.repeat(64)], zeroRuns: [], offset: 0, stored: [1] }
  const sample = { role: 'system', size: 1, sha256: '0'.repeat(64), compression: 'none', ...block } as const
  try {
    encodeManifest({ ...facts, images: [sample] })
  } catch (cause) {
    if (!isEngineError(cause, 'format.manifest-invalid')) throw cause
    const option = String(cause.details.where)
    const found = JSON.stringify(Object.entries(facts).find(([name]) => option.startsWith(name))?.[1] ?? null)
    const expected = `acceptable (it is ${cause.details.problem})`
    throw new EngineError('release.bad-option', { option, found, expected })
  }
  return facts
}

type Facts = Omit<Manifest, 'images'>

async function packImages(options: CreateOptions, facts: Facts, payload: FileHandle) {
  const { signal, onProgress, compression = 'zstd', blockSize } = options
  const images: ManifestImage[] = []
  const pack = async (role: 'system' | 'esp', chunks: AsyncIterable<Uint8Array>): Promise<PackedImage> => {
    const offset = alignUp(payloadSize(images), ALIGNMENT)
    const progress = (bytes: number) => onProgress?.(role, bytes)
    const packed = await packImage(chunks, payload, { role, compression, blockSize, offset, onProgress: progress })
    images.push(packed.image)
    return packed
  }
  // Boot files first: whoever streams the bundle has them early, and a bad folder is refused before the long work.
  if (options.boot) {
    if (await isFolder(options.boot))
      await pack('esp', streamImage(await buildBootImage(options.boot, options.created)))
    else {
      const { head, image } = await pack('esp', readImageInput(options.boot, signal))
      decodeGeometry(head, image.size, 0)
    }
  }
  const { image } = await pack('system', readImageInput(options.system, signal))
  return { images, behind: await checkPacked(payload, image, facts, options.look) }
}

/**
 * Nothing is signed that no slot can hold, or that contradicts its manifest: the packed image is read as a device will read it.
 * @throws EngineError `image.*`
 */
async function checkPacked(
  payload: FileHandle,
  image: ManifestImage,
  facts: Facts,
  look: CreateOptions['look'],
): Promise<BehindImage | null> {
  const offsets = storedOffsets(image, image.offset)
  const bytes: ByteSource = {
    name: 'payload',
    size: offsets[offsets.length - 1],
    async read(offset, target) {
      const { bytesRead } = await payload.read(target, 0, target.length, offset)
      if (bytesRead < target.length)
        throw new EngineError('release.output-failed', { path: 'payload', reason: 'it got shorter' })
    },
    async [Symbol.asyncDispose]() {},
  }
  const stored = (index: number) => ({ offset: offsets[index], length: image.stored[index] })
  const source = { table: image, bytes, compression: image.compression, packed: true, stored }
  const read = imageReader(source, inlineCodec)
  if (look) {
    await look(read, image.size)
    return null
  }
  const { findings, facts: said, used } = await checkContent(read, image.size)
  const [against] = [...findings, ...(said ? factsDiffer(said, facts) : [])]
  if (against) throw new EngineError(against.code, against.details)
  return await behindImage(read, image.size, used)
}

async function copyPayload(
  from: FileHandle,
  to: FileHandle,
  offset: number,
  size: number,
  signal?: AbortSignal,
): Promise<void> {
  const buffer = Buffer.alloc(1 << 20)
  for (let done = 0; done < size; ) {
    throwIfAborted(signal)
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, size - done), done)
    if (bytesRead === 0) throw new EngineError('release.output-failed', { path: 'payload', reason: 'it got shorter' })
    await writeAll(to, buffer.subarray(0, bytesRead), offset + done)
    done += bytesRead
  }
}
