// Random access to a file that is not believed yet. Opened once, with the rights of whoever named it: everything is read
// through the same descriptor, so a file that is replaced under its name changes nothing.
import { basename } from 'node:path'
import { EngineError, isEngineError } from '#base/errors.ts'
import type { ByteSource } from '#engine/ports.ts'
import { actsForAnother, type NamedFile, openNamed } from './caller.ts'
import { errnoOf, reasonOf } from './os-errors.ts'

/** Why `path` was not opened. */
export function openError(path: string, error: unknown): EngineError {
  const reason = errnoOf(error)
  if (reason === 'ENOENT' || reason === 'ENOTDIR')
    return new EngineError('release.not-found', { path }, { cause: error })
  // Of somebody else's names no link is followed: then it says what is not done, not that the name is wrong.
  if (reason === 'ENAMETOOLONG' || (reason === 'ELOOP' && !actsForAnother()))
    return new EngineError('release.bad-path', { path, reason: reasonOf(error) }, { cause: error })
  return new EngineError('release.unreadable', { path, reason: reasonOf(error) }, { cause: error })
}

/**
 * Opens a regular file (or a link to one) for reading.
 * Throws `release.not-found`, `release.bad-path`, `release.not-a-file`, `release.unreadable`, `release.empty`.
 */
export async function openFileSource(path: string): Promise<ByteSource> {
  let handle: NamedFile | undefined
  try {
    handle = await openNamed(path)
    const kind = await handle.stat()
    if (!kind.isFile()) {
      const found = kind.isDirectory() ? 'a folder' : 'a device or pipe'
      throw new EngineError('release.not-a-file', { path, found })
    }
    const { size } = kind
    if (size === 0) throw new EngineError('release.empty', { path })
    return fileSource(handle, path, size)
  } catch (error) {
    await handle?.close()
    throw isEngineError(error) ? error : openError(path, error)
  }
}

function fileSource(handle: NamedFile, path: string, size: number): ByteSource {
  const name = basename(path)
  return {
    name,
    size,
    async read(offset, target) {
      let done = 0
      while (done < target.length) {
        const at = offset + done
        const { bytesRead } = await handle.read(target, done, target.length - done, at).catch((cause) => {
          throw new EngineError('release.source-failed', { name, offset: at, reason: errnoOf(cause) }, { cause })
        })
        if (bytesRead === 0)
          throw new EngineError('release.truncated', { name, expected: offset + target.length, found: at })
        done += bytesRead
      }
    },
    async [Symbol.asyncDispose]() {
      await handle.close()
    },
  }
}

/**
 * Bytes `offset` to `offset + length` of a source, as new memory; the caller has bounded the length.
 * Throws what the source's `read` throws.
 */
export async function readRange(source: ByteSource, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  await source.read(offset, bytes)
  return bytes
}

/**
 * A small file, null when there is none. Of a file larger than `limit` one byte more than that is read, which whoever
 * decodes it refuses. Throws `release.bad-path`, `release.not-a-file`, `release.unreadable`.
 */
export async function readSmallFile(path: string, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    await using source = await openFileSource(path)
    return await readRange(source, 0, Math.min(source.size, limit + 1))
  } catch (error) {
    if (isEngineError(error, 'release.not-found')) return null
    if (isEngineError(error, 'release.empty')) return new Uint8Array(0)
    throw error
  }
}
