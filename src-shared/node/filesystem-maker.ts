// Makes the data file systems that a plan asks for: its files come from the folder of `--config`, and each must still be
// the file that was planned.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import type { FilesystemRequest, MadeFilesystem } from '../engine/steps/context.ts'
import { makeFilesystem } from './filesystems.ts'
import { sha256Hex } from './hashing.ts'
import { makeEncryptedFilesystem } from './luks.ts'
import { reasonOf } from './os-errors.ts'

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
    const contents = await Promise.all(
      files.map(async ({ path, from, sha256, mode }) => {
        const bytes = await readConfigFile(join(configFolder ?? '', from))
        const found = sha256Hex(bytes)
        if (found !== sha256) throw new EngineError('config.changed', { file: from, expected: sha256, found })
        return { path, mode, bytes }
      }),
    )
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
    return await makeEncryptedFilesystem(wanted, { keyFile: luksKeyFile })
  }
}

async function readConfigFile(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new EngineError('config.unreadable', { file, reason: reasonOf(error) }, { cause: error })
  }
}
