// The partial file of a download and its note. The note never claims more than is on stable storage: bytes are flushed
// before it counts them, and what lies behind its count is cut off when the download goes on.

import { constants, type FileHandle, open, rename, rm, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EngineError, isEngineError } from '#base/errors.ts'
import { type Known, NOTHING_KNOWN } from '#engine/download/answer.ts'
import type { PartSink } from '#engine/download/ports.ts'
import { boundedJson } from '#format/bounded-json.ts'
import { errnoOf, reasonOf } from '../os/os-errors.ts'
import { readTextFile, removeFileDurably, writeJsonFile } from '../os/state-file.ts'

export interface Part extends PartSink {
  readonly path: string
  /** Everything so far on stable storage, and noted. */
  settle(): Promise<void>
  /** Becomes the file itself, durably. */
  finish(): Promise<void>
  /** Nothing of it stays. */
  remove(): Promise<void>
  close(): Promise<void>
}

/** At most this much is fetched again after a power cut. */
const SETTLE_EVERY = 16 * 1024 * 1024
const ROOM_FOR_NOTE = 64 * 1024

interface Note {
  readonly url: string
  readonly etag: string | null
  readonly last_modified: string | null
  readonly size: number | null
  /** What the whole file will have; null when nobody said. */
  readonly sha256: string | null
  /** Bytes on stable storage. */
  readonly synced: number
}

/** Null for anything else than a note; a damaged one means that nothing is known. */
function parseNote(text: string): Note | null {
  let value: unknown
  try {
    value = boundedJson(text, 65_536)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const note = { url: null, etag: null, last_modified: null, size: null, sha256: null, synced: null, ...value }
  const isText = (one: unknown): one is string | null => one === null || typeof one === 'string'
  const isCount = (one: unknown): one is number => Number.isSafeInteger(one) && Number(one) >= 0
  const { url, etag, last_modified, size, sha256, synced } = note
  if (typeof url !== 'string' || !isText(etag) || !isText(last_modified) || !isText(sha256) || !isCount(synced))
    return null
  return { url, etag, last_modified, size: isCount(size) ? size : null, sha256, synced }
}

/** The beginning of the same file: by its digest, wherever it came from; by its address where one of the two has no digest. */
const isOfSame = (note: Note, url: string, sha256: string | null): boolean =>
  note.sha256 === null || sha256 === null ? note.url === url : note.sha256 === sha256

/** Errors of the disk below a download: `download.disk-full` or `download.file-failed`; ours stay. */
export function fileFailure(path: string, error: unknown): EngineError {
  const inner = isEngineError(error, 'settings.not-saved', 'settings.file-unreadable') ? error.cause : error
  if (isEngineError(inner)) return inner
  return new EngineError('download.file-failed', { path, reason: reasonOf(inner) }, { cause: error })
}

const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(errnoOf(error instanceof EngineError ? error.cause : error))

/** The same, and tells how much room is missing. */
async function writeFailure(path: string, error: unknown, needed: number): Promise<EngineError> {
  if (!isFull(error)) return fileFailure(path, error)
  return new EngineError('download.disk-full', { path, needed, free: await freeBytes(path) }, { cause: error })
}

/** Bytes that we may use on the disk that holds `path`. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(path))
  return bavail * bsize
}

/**
 * Opens `path.part`, or begins it. Bytes without a note (somebody else's beginning) are kept, but nothing is known about
 * them; those of another file are not kept.
 * @throws EngineError `download.file-failed`
 */
export async function openPart(path: string, url: string, sha256: string | null): Promise<Part> {
  const partPath = `${path}.part`
  const notePath = `${path}.part.json`
  let file: FileHandle
  let done = 0
  let known: Known = NOTHING_KNOWN
  try {
    file = await open(partPath, constants.O_RDWR | constants.O_CREAT, 0o644)
    const text = await readTextFile(notePath)
    const { size } = await file.stat()
    const note = text === null ? null : parseNote(text)
    if (text === null) done = size
    else if (note && isOfSame(note, url, sha256)) {
      done = Math.min(size, note.synced)
      const { etag, last_modified: lastModified } = note
      known = { validator: etag === null && lastModified === null ? null : { etag, lastModified }, total: note.size }
    }
    if (done < size) await file.truncate(done)
  } catch (error) {
    throw fileFailure(partPath, error)
  }
  let synced = done
  const missing = (more: number): number => Math.max(more, (known.total ?? 0) - done)

  const save = async (): Promise<void> => {
    const { etag = null, lastModified = null } = known.validator ?? {}
    const note: Note = { url, etag, last_modified: lastModified, size: known.total, sha256, synced }
    await writeJsonFile(notePath, note)
  }
  const guarded = async (more: number, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      throw await writeFailure(partPath, error, missing(more))
    }
  }
  const settle = (): Promise<void> =>
    guarded(0, async () => {
      if (synced === done) return
      await file.datasync()
      synced = done
      try {
        await save()
      } catch (error) {
        // A full disk has no room for the note either: the last bytes of the file make it.
        if (!isFull(error) || done < ROOM_FOR_NOTE) throw error
        done -= ROOM_FOR_NOTE
        synced = done
        await file.truncate(done)
        await save()
      }
    })

  return {
    path: partPath,
    get done() {
      return done
    },
    get known() {
      return known
    },
    reset: () =>
      guarded(0, async () => {
        done = 0
        synced = 0
        known = NOTHING_KNOWN
        // The note first: bytes that it does not count are nobody's.
        await save()
        await file.truncate(0)
      }),
    note: (next) =>
      guarded(0, async () => {
        known = next
        if (synced !== done) await file.datasync()
        synced = done
        await save()
      }),
    async append(bytes) {
      await guarded(bytes.length, async () => {
        for (let at = 0; at < bytes.length; ) {
          const { bytesWritten } = await file.write(bytes, at, bytes.length - at, done)
          at += bytesWritten
          done += bytesWritten
        }
      })
      if (done - synced >= SETTLE_EVERY) await settle()
    },
    settle,
    finish: () =>
      guarded(0, async () => {
        await rename(partPath, path)
        // Removing the note flushes the folder, and with it the new name.
        await removeFileDurably(notePath)
      }),
    remove: () =>
      guarded(0, async () => {
        await rm(partPath, { force: true })
        await removeFileDurably(notePath)
      }),
    close: () => file.close(),
  }
}
