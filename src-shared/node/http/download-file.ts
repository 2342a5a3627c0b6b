// Downloads a file so that any interruption, a power cut too, is continued where it stopped: PATH.part holds the bytes and
// PATH.part.json what they belong to and how many of them are on stable storage. There is never more than one copy, and
// PATH exists only when it is whole.
import { createHash } from 'node:crypto'
import { constants, type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EngineError, isEngineError, throwIfAborted } from '#base/errors.ts'
import type { RetryPolicy } from '#engine/download/attempts.ts'
import type { Fetcher } from '#engine/download/ports.ts'
import { resumeDownload } from '#engine/download/resume.ts'
import { makeFolder } from '../os/make-folder.ts'
import { errnoOf } from '../os/os-errors.ts'
import { lockPath } from '../os/path-lock.ts'
import { readTextFile } from '../os/state-file.ts'
import { waiting } from './download-fetcher.ts'
import { fileFailure, freeBytes, openPart } from './download-part.ts'

export interface DownloadOptions {
  readonly url: string
  /** Where the whole file goes. */
  readonly path: string
  /** What the channel promised; null when it said nothing. */
  readonly sizeBytes: number | null
  /** Lower-case hexadecimal; null for files that something else authenticates. */
  readonly sha256: string | null
  /** Larger files are refused; 64 GiB when absent. */
  readonly maxBytes?: number
  readonly fetcher: Fetcher
  readonly retry?: RetryPolicy
  /** Of this call; an hour when absent. */
  readonly totalMs?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (doneBytes: number, totalBytes: number | null) => void
}

export interface Downloaded {
  readonly path: string
  readonly size: number
  readonly sha256: string
  /** False when the file was there already and nothing was fetched. */
  readonly fetched: boolean
}

/** Room that is left for everybody else. */
const RESERVE = 1024 * 1024
const HOUR_MS = 3_600_000
const MOST_BYTES = 64 * 1024 ** 3

/**
 * Downloads, or continues, and checks the SHA-256 of what is on the disk at the end. A file at `path` that is not the
 * promised one is taken for the beginning of it, as other agents leave it; the SHA-256 tells at the end.
 * @throws EngineError `download.*` (`.disk-full` and interruptions keep what is there; `.checksum-mismatch` deletes it),
 * `disk.busy` when another process downloads it, `job.cancelled`
 */
export async function downloadFile(options: DownloadOptions): Promise<Downloaded> {
  const { path, sha256, signal } = options
  throwIfAborted(signal)
  try {
    await makeFolder(dirname(path))
  } catch (error) {
    throw fileFailure(dirname(path), error)
  }
  await using _lock = await lockPath(path, `download-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`)
  const there = await hashFile(path, signal)
  if (there && sha256 !== null && there.sha256 === sha256) return { path, ...there, fetched: false }
  if (there) await takeAsPart(path, sha256 !== null)
  const first = await fetchInto(options, sha256 !== null)
  if (first.sha256 === sha256 || sha256 === null) return first
  // Put together from several answers, and the pieces do not fit: once more, from the start, and none but of one version.
  if (first.pieced) {
    const second = await fetchInto(options, false)
    if (second.sha256 === sha256) return second
    throw mismatch(options, sha256, second.sha256)
  }
  throw mismatch(options, sha256, first.sha256)
}

const mismatch = ({ fetcher, url }: DownloadOptions, expected: string, found: string): EngineError =>
  new EngineError('download.checksum-mismatch', { url: fetcher.shown(url), expected, found })

/** A file that somebody left is the beginning of ours when a SHA-256 will tell; otherwise it goes, as do older ones. */
async function takeAsPart(path: string, isJudged: boolean): Promise<void> {
  try {
    const ours = await readTextFile(`${path}.part.json`)
    if (isJudged && ours === null) await rename(path, `${path}.part`)
    else await rm(path)
  } catch (error) {
    throw fileFailure(path, error)
  }
}

async function fetchInto(
  options: DownloadOptions,
  digestDecides: boolean,
): Promise<Downloaded & { readonly pieced: boolean }> {
  const { url, path, sizeBytes, sha256, fetcher, signal } = options
  const part = await openPart(path, fetcher.shown(url), sha256)
  let outcome: { size: number; pieced: boolean }
  try {
    outcome = await resumeDownload({
      url,
      fetcher,
      sink: part,
      sizeBytes,
      digestDecides,
      maxBytes: options.maxBytes ?? MOST_BYTES,
      pace: waiting,
      retry: options.retry,
      totalMs: options.totalMs ?? HOUR_MS,
      signal,
      onSize: (total, done) => checkRoom(path, total - done),
      onProgress: options.onProgress,
    })
    await part.settle()
  } catch (error) {
    // What is there is kept for the next time, and the first error is the one to tell.
    await part.settle().catch(() => {})
    throw error
  } finally {
    await part.close()
  }
  const hashed = await hashFile(part.path, signal)
  if (!hashed) throw new EngineError('download.file-failed', { path: part.path, reason: 'it was removed meanwhile' })
  if (sha256 !== null && hashed.sha256 !== sha256) await part.remove()
  else await part.finish()
  return { path, ...hashed, fetched: true, pieced: outcome.pieced }
}

/** @throws EngineError `download.disk-full` */
async function checkRoom(path: string, needed: number): Promise<void> {
  if (needed <= 0) return
  const free = await freeBytes(path)
  if (free < needed + RESERVE) throw new EngineError('download.disk-full', { path, needed: needed + RESERVE, free })
}

async function hashFile(
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ size: number; sha256: string } | null> {
  let file: FileHandle | undefined
  try {
    file = await open(path, constants.O_RDONLY)
    const hash = createHash('sha256')
    const buffer = Buffer.allocUnsafe(1024 * 1024)
    let size = 0
    for (;;) {
      throwIfAborted(signal)
      const { bytesRead } = await file.read(buffer, 0, buffer.length, size)
      if (bytesRead === 0) return { size, sha256: hash.digest('hex') }
      hash.update(buffer.subarray(0, bytesRead))
      size += bytesRead
    }
  } catch (error) {
    if (isEngineError(error)) throw error
    if (errnoOf(error) === 'ENOENT') return null
    throw fileFailure(path, error)
  } finally {
    await file?.close()
  }
}
