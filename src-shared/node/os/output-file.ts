// A file that a command makes for somebody: whole or not at all, written as FILE.part, flushed, put in place, removed when the work
// fails. Nothing that is there is replaced unless somebody asked for it, and no link is followed (docs/adr/0063).
import { type FileHandle, link, lstat, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EngineError, isEngineError } from '#base/errors.ts'
import { errnoOf, reasonOf } from './os-errors.ts'

/** Errors of the operating system while writing `path` become `release.output-failed`; ours stay. */
export const outputError = (path: string, cause: unknown): EngineError =>
  isEngineError(cause) ? cause : new EngineError('release.output-failed', { path, reason: reasonOf(cause) }, { cause })

const unwritable = (file: string, cause: unknown): EngineError =>
  isEngineError(cause) ? cause : new EngineError('cli.file-unwritable', { file, reason: reasonOf(cause) }, { cause })

export interface OutputOptions {
  /** What is there under that name goes, when the new one is whole; a link goes, never what it leads to. */
  readonly replace?: boolean
}

/**
 * Calls `write` with an open `path.part` and moves it to `path` when that went well.
 * @throws EngineError `cli.file-exists` before `write` is called, `release.output-failed`, and what `write` throws
 */
export const writeOutput = (
  path: string,
  write: (file: FileHandle) => Promise<void>,
  { replace = false }: OutputOptions = {},
): Promise<void> => putFile(path, { mode: 0o666, replace, write, failure: outputError })

/** Makes a file that must not be there yet. @throws EngineError `cli.file-exists`, `cli.file-unwritable` */
export const writeNewFile = (path: string, content: string | Uint8Array, mode = 0o666): Promise<void> =>
  putFile(path, { mode, replace: false, write: async (file) => await file.writeFile(content), failure: unwritable })

interface Put {
  readonly mode: number
  readonly replace: boolean
  write(file: FileHandle): Promise<void>
  failure(path: string, cause: unknown): EngineError
}

async function putFile(path: string, { mode, replace, write, failure }: Put): Promise<void> {
  const part = `${path}.part`
  let made = false
  try {
    await (replace ? checkReplaceable(path) : checkFree([path]))
    await using file = await openPart(part, mode)
    made = true
    await write(file)
    await file.sync()
    await (replace ? rename(part, path) : putInPlace(part, path))
    await syncFolder(dirname(path))
  } catch (error) {
    if (made && errnoOf(error) === 'EEXIST') throw new EngineError('cli.file-exists', { file: path }, { cause: error })
    throw failure(path, error)
  } finally {
    if (made) await rm(part, { force: true })
  }
}

/** @throws EngineError `cli.file-exists` for the first of them that is there; what the system says of one that cannot be looked at */
export async function checkFree(paths: readonly string[]): Promise<void> {
  for (const file of paths) if (await isThere(file)) throw new EngineError('cli.file-exists', { file })
}

/** A folder, a device or a pipe is no earlier output of ours, whatever was asked for. */
async function checkReplaceable(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  })
  if (found !== null && !found.isFile() && !found.isSymbolicLink())
    throw new EngineError('release.output-failed', { path, reason: 'what is there is no file' })
}

/**
 * Opens a working file that must not be there: what is in the way may be somebody's link, or be left over from a process that was
 * killed, and is not ours to remove. @throws EngineError `cli.file-exists`; what the system throws
 */
export async function openPart(path: string, mode = 0o666): Promise<FileHandle> {
  try {
    return await open(path, 'wx+', mode)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
    throw new EngineError('cli.file-exists', { file: path }, { cause: error })
  }
}

/** Makes a rename survive a power cut; systems that cannot open a folder do it by themselves. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using folder = await open(path, 'r')
  await folder.sync()
}

const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

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
