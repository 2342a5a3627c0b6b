// A file that appears whole or not at all: written as FILE.part, flushed, renamed; removed when the work fails.
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EngineError, isEngineError } from '../base/errors.ts'
import { reasonOf } from './os-errors.ts'

/** Errors of the operating system while writing `path` become `release.output-failed`; ours stay. */
export const outputError = (path: string, cause: unknown): EngineError =>
  isEngineError(cause) ? cause : new EngineError('release.output-failed', { path, reason: reasonOf(cause) }, { cause })

/** Calls `write` with an open `path.part` and moves it to `path` when that went well. Throws `release.output-failed`. */
export async function writeOutput(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const part = `${path}.part`
  let file: FileHandle | undefined
  try {
    file = await open(part, 'w+')
    await write(file)
    await file.sync()
    await file.close()
    file = undefined
    await rename(part, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await file?.close()
    await rm(part, { force: true })
    throw outputError(path, error)
  }
}

/** Makes a rename survive a power cut; systems that cannot open a folder do it by themselves. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
