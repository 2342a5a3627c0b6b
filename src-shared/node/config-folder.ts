// The folder of `--config` as data for a plan: every regular file with size, digest and permission bits, sorted.
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import type { ContentFile } from '../model/plan.ts'
import { lstatNamed, readdirNamed, readNamed } from './caller.ts'
import { sha256Hex } from './hashing.ts'
import { reasonOf } from './os-errors.ts'

/** Configuration is small; more than this is somebody's data folder given by mistake. */
const MAX_FILES = 10_000
const MAX_BYTES = 256 * 1024 * 1024

/** @throws EngineError `config.unreadable`, `config.not-plain`, `config.too-large` */
export async function readConfigFolder(folder: string): Promise<ContentFile[]> {
  const files: ContentFile[] = []
  let total = 0
  const visit = async (relative: string): Promise<void> => {
    for (const name of (await readdirNamed(join(folder, relative))).sort()) {
      const path = relative ? `${relative}/${name}` : name
      const full = join(folder, path)
      const found = await lstatNamed(full)
      if (found.isDirectory()) {
        await visit(path)
        continue
      }
      if (!found.isFile()) throw new EngineError('config.not-plain', { file: path })
      total += found.size
      if (total > MAX_BYTES || files.length >= MAX_FILES)
        throw new EngineError('config.too-large', { folder, bytes: MAX_BYTES, files: MAX_FILES })
      const bytes = await readNamed(full, MAX_BYTES)
      if (bytes === null) throw new EngineError('config.not-plain', { file: path })
      files.push({ path, size: bytes.length, sha256: sha256Hex(bytes), mode: found.mode & 0o777 })
    }
  }
  try {
    await visit('')
  } catch (error) {
    if (error instanceof EngineError) throw error
    throw new EngineError('config.unreadable', { file: folder, reason: reasonOf(error) }, { cause: error })
  }
  return files
}

/**
 * The bytes of one of these files, which must still be what was planned.
 * @throws EngineError `config.unreadable`, `config.changed`
 */
export async function readConfigBytes(
  folder: string,
  { path, sha256 }: Pick<ContentFile, 'path' | 'sha256'>,
): Promise<Uint8Array> {
  let bytes: Uint8Array | null
  try {
    bytes = await readNamed(join(folder, path), MAX_BYTES)
  } catch (error) {
    throw new EngineError('config.unreadable', { file: path, reason: reasonOf(error) }, { cause: error })
  }
  if (bytes === null) throw new EngineError('config.not-plain', { file: path })
  const found = sha256Hex(bytes)
  if (found !== sha256) throw new EngineError('config.changed', { file: path, expected: sha256, found })
  return bytes
}
