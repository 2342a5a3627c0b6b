// The folder of `--config` as data for a plan: every regular file with size, digest and permission bits, sorted.
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { CONFIG_LIMITS, configPathProblem } from '#model/config-path.ts'
import type { ContentFile } from '#model/plan.ts'
import { sha256Hex } from '../codec/hashing.ts'
import { lstatNamed, readdirNamed, readNamed } from '../os/caller.ts'
import { reasonOf } from '../os/os-errors.ts'

/** Permission bits by path, for files that lie here with others. */
type ConfigModes = readonly (readonly [path: string, mode: number])[]

/**
 * What is read here is written by the rule of model/config-path.ts, and can be read back by it.
 * @throws EngineError `config.unreadable`, `config.not-plain`, `config.bad-name`, `config.too-large`
 */
export async function readConfigFolder(folder: string, modes: ConfigModes = []): Promise<ContentFile[]> {
  const given = new Map(modes)
  const { bytes: most, entries: many } = CONFIG_LIMITS
  const tooLarge = () => new EngineError('config.too-large', { folder, bytes: most, files: many })
  const files: ContentFile[] = []
  let [total, entries] = [0, 0]
  const visit = async (relative: string): Promise<void> => {
    for (const name of (await readdirNamed(join(folder, relative))).sort()) {
      const path = relative ? `${relative}/${name}` : name
      if (++entries > many) throw tooLarge()
      const reason = configPathProblem(path)
      if (reason !== null) throw new EngineError('config.bad-name', { file: JSON.stringify(path), reason })
      const full = join(folder, path)
      const found = await lstatNamed(full)
      if (found.isDirectory()) {
        await visit(path)
        continue
      }
      if (!found.isFile()) throw new EngineError('config.not-plain', { file: path })
      total += found.size
      if (total > most) throw tooLarge()
      const bytes = await readNamed(full, most)
      if (bytes === null) throw new EngineError('config.not-plain', { file: path })
      files.push({ path, size: bytes.length, sha256: sha256Hex(bytes), mode: given.get(path) ?? found.mode & 0o7777 })
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
    bytes = await readNamed(join(folder, path), CONFIG_LIMITS.bytes)
  } catch (error) {
    throw new EngineError('config.unreadable', { file: path, reason: reasonOf(error) }, { cause: error })
  }
  if (bytes === null) throw new EngineError('config.not-plain', { file: path })
  const found = sha256Hex(bytes)
  if (found !== sha256) throw new EngineError('config.changed', { file: path, expected: sha256, found })
  return bytes
}
