// Makes the data file systems that a plan asks for: its files come from the folder of `--config`, and each must still be
// the file that was planned.
import { EngineError } from '#base/errors.ts'
import type { FilesystemRequest, MadeFilesystem } from '#engine/steps/context.ts'
import { makeFilesystem } from '../filesystem/filesystems.ts'
import { makeEncryptedFilesystem } from '../filesystem/luks.ts'
import { readNamed } from '../os/caller.ts'
import { reasonOf } from '../os/os-errors.ts'
import { readConfigBytes } from './config-folder.ts'

/** What making file systems needs besides the plan. */
export interface MakerInputs {
  /** Folder of `--config`; null when there is none. */
  readonly configFolder: string | null
  /** Key file of `--luks-key`; null when there is none. */
  readonly luksKeyFile: string | null
}

export const NO_INPUTS: MakerInputs = { configFolder: null, luksKeyFile: null }

/** @throws EngineError `plan.no-luks-key`, `config.changed`, `config.unreadable`, and what makeFilesystem throws */
export function filesystemMaker(
  { configFolder, luksKeyFile }: MakerInputs,
  signal: AbortSignal,
): (request: FilesystemRequest) => Promise<MadeFilesystem> {
  return async ({ kind, encryption, size, sectorSize, uuid, label, at, directories, files }) => {
    // One after the other: ten thousand open files are more than a process may have.
    const contents: { path: string; mode: number; bytes: Uint8Array }[] = []
    for (const { path, from, sha256, mode } of files)
      contents.push({ path, mode, bytes: await readConfigBytes(configFolder ?? '', { path: from, sha256 }) })
    const wanted = {
      kind,
      size,
      sectorSize,
      uuid,
      label,
      time: new Date(at),
      directories,
      files: contents,
      signal,
    }
    if (encryption === null) return await makeFilesystem(wanted)
    if (luksKeyFile === null) throw new EngineError('plan.no-luks-key', { label })
    return await makeEncryptedFilesystem(wanted, { key: await readLuksKey(luksKeyFile) })
  }
}

/** cryptsetup's own limit for key files. */
const MAX_KEY = 8 * 1024 * 1024

/** @throws EngineError `cli.file-unreadable` */
export async function readLuksKey(file: string): Promise<Uint8Array> {
  try {
    const bytes = await readNamed(file, MAX_KEY)
    if (bytes !== null && bytes.length > 0 && bytes.length <= MAX_KEY) return bytes
  } catch (error) {
    throw new EngineError('cli.file-unreadable', { file, reason: reasonOf(error) }, { cause: error })
  }
  throw new EngineError('cli.file-unreadable', { file, reason: `a key is a file of 1 to ${MAX_KEY} bytes` })
}
