// Makes the triple of an image: X.img.sha256 as sha256sum writes it, X.img.asc as gpg --detach-sign --armor makes it.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { formatSha256sum } from '#format/sha256sum.ts'
import { type SigningKey, signDetached } from '#trust/sign.ts'
import { createStreamHasher } from '../codec/hashing.ts'
import { type PassOptions, readBlocks } from '../disk/read-blocks.ts'
import { openFileSource, readRange } from '../os/file-source.ts'
import { checkFree, type OutputOptions, writeOutput } from '../os/output-file.ts'
import { type BehindImage, behindImage, checkContent, checkSlotContent } from './content-check.ts'
import { checkPlain } from './open-release.ts'
import { writeAll } from './pack-image.ts'

export interface SignedImage {
  readonly sha256: string
  readonly checksumPath: string
  readonly signaturePath: string
  readonly signer: string
  /** What follows the file system; null when that is only its padding. */
  readonly behind: BehindImage | null
}

/**
 * Hashes the image once and writes both files beside it. Throws `release.signing-key`, `cli.file-exists`, `release.output-failed`,
 * `image.*` (it is no image for a slot), `job.cancelled`, and what reading the image throws.
 */
export async function signImage(
  path: string,
  key: SigningKey,
  options: PassOptions & OutputOptions & { readonly now: Date; readonly look?: typeof checkSlotContent },
): Promise<SignedImage> {
  const name = basename(path)
  if (name.endsWith('.sha256') || name.endsWith('.asc'))
    throw new EngineError('release.bad-option', { option: 'the image', found: name, expected: 'the image itself' })
  const checksumPath = `${path}.sha256`
  const signaturePath = `${path}.asc`
  // Before the long work: nothing is replaced that nobody gave away.
  if (!options.replace) await checkFree([checksumPath, signaturePath])
  await using source = await openFileSource(path)
  checkPlain(path, await readRange(source, 0, Math.min(6, source.size)))
  const look = options.look ?? checkSlotContent
  const read = (offset: number, target: Uint8Array) => source.read(offset, target)
  await look(read, source.size)
  const behind = await behindImage(read, source.size, (await checkContent(read, source.size)).used)
  let sha256 = createHash('sha256').digest('hex')
  const signature = await signDetached(key, options.now, async (requests) => {
    const hasher = createStreamHasher(requests)
    for await (const block of readBlocks(source, 1 << 20, options)) hasher.update(block)
    const done = hasher.finish()
    sha256 = done.sha256
    return done.digests
  })
  const save = (file: string, bytes: Uint8Array) => writeOutput(file, (handle) => writeAll(handle, bytes, 0), options)
  await save(checksumPath, formatSha256sum({ name, sha256 }))
  await save(signaturePath, Buffer.from(signature))
  return { sha256, checksumPath, signaturePath, signer: key.fingerprint, behind }
}
