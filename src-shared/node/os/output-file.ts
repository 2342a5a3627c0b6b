// A file that appears whole or not at all: written as FILE.part, flushed, renamed; removed when the work fails.
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EngineError, isEngineError } from '#base/errors.ts'
import { errnoOf, reasonOf } from './os-errors.ts'

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

const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

/**
 * Makes a file that must not be there yet, whole or not at all: a full disk leaves nothing behind.
 * @throws EngineError `cli.file-exists`, `cli.file-unwritable`
 */
export async function writeNewFile(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const part = `${path}.part`
  let made = false
  try {
    if (await isThere(path)) throw new EngineError('cli.file-exists', { file: path })
    await using file = await open(part, 'wx', mode)
    made = true
    await file.writeFile(content)
    await file.sync()
    await putInPlace(part, path)
    await syncFolder(dirname(path))
  } catch (error) {
    if (isEngineError(error)) throw error
    // What is in the way may be left over from a process that was killed; it is not ours to remove.
    const file = errnoOf(error) === 'EEXIST' && !made ? part : path
    if (errnoOf(error) === 'EEXIST') throw new EngineError('cli.file-exists', { file }, { cause: error })
    throw new EngineError('cli.file-unwritable', { file, reason: reasonOf(error) }, { cause: error })
  } finally {
    if (made) await rm(part, { force: true })
  }
}

/** A link does not replace what came meanwhile; where a file system has none (FAT), a name is given up for it. */
async function putInPlace(part: string, path: string): Promise<void> {
  try {
    await link(part, path)
  } catch (error) {
    if (!NO_LINKS.includes(errnoOf(error))) throw error
    await rename(part, path)
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return false
      throw error
    },
  )
