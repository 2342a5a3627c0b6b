// Brings a file to a sink, across lost connections and restarts, and never mixes two versions: what was kept is continued
// only when the server proves (If-Range, size) that it is the same file, or when a digest of the whole will tell; an answer
// with the whole file starts anew.
import { EngineError, throwIfAborted } from '#base/errors.ts'
import { judgeAnswer, mayPass, rangeHeaders } from './answer.ts'
import { countAttempts, PATIENT, type RetryPolicy } from './attempts.ts'
import type { Fetcher, PartSink, Waiting } from './ports.ts'

export interface ResumeOptions {
  readonly url: string
  readonly fetcher: Fetcher
  readonly sink: PartSink
  /** What the channel said; another size is refused before anything is downloaded. */
  readonly sizeBytes: number | null
  /** No file is larger, whoever says so. */
  readonly maxBytes: number
  /**
   * Whoever calls judges the whole by its digest: then ETags and dates decide nothing, which mirrors of the same bytes have each
   * their own. Another size is another file all the same.
   */
  readonly digestDecides?: boolean
  readonly pace: Waiting
  readonly retry?: RetryPolicy
  /** Of this run. */
  readonly totalMs?: number
  readonly signal?: AbortSignal
  /** The size became known; throws to stop (no room on the disk). */
  readonly onSize?: (total: number, done: number) => Promise<void>
  readonly onProgress?: (done: number, total: number | null) => void
}

export interface Resumed {
  readonly size: number
  /** True when bytes of more than one answer are in the file. */
  readonly pieced: boolean
}

/** A file that changes this often while it is downloaded is not going to hold still. */
const MAX_CHANGES = 3

/**
 * Returns when the sink holds the whole file.
 * @throws EngineError `download.no-progress`, `.changed`, `.size-differs`, `.too-large`, `.too-slow`, `.range-differs`,
 * `.status` and what fetcher and sink throw
 */
export async function resumeDownload(options: ResumeOptions): Promise<Resumed> {
  const { sink, pace, signal, sizeBytes } = options
  const url = options.fetcher.shown(options.url)
  const attempts = countAttempts(url, options.retry ?? PATIENT, pace, signal)
  const begun = pace.now()
  let best = sink.done
  let changes = 0
  let pieced = sink.done > 0
  if (sizeBytes !== null && (sink.done > sizeBytes || (sink.known.total ?? sizeBytes) !== sizeBytes)) await sink.reset()
  for (;;) {
    throwIfAborted(signal)
    const { total } = sink.known
    if (total !== null && sink.done === total) return { size: total, pieced }
    if (options.totalMs !== undefined && pace.now() - begun > options.totalMs)
      throw new EngineError('download.too-slow', { server: url, seconds: options.totalMs / 1000, received: sink.done })
    pieced = sink.done > 0
    try {
      const changed = await oneAnswer(options, url)
      if (changed && ++changes > MAX_CHANGES) throw changed
      if (changed) best = 0
    } catch (error) {
      if (!mayPass(error)) throw error
      // Starting anew and failing at the same place is no progress.
      if (sink.done > best) attempts.progress()
      best = Math.max(best, sink.done)
      await attempts.failed(error, sink.done)
    }
  }
}

/** Takes one answer into the sink. Answers an error when it is another file now and everything has to begin again. */
async function oneAnswer(options: ResumeOptions, url: string): Promise<EngineError | null> {
  const { sink, fetcher, signal } = options
  const from = sink.done
  const known = options.digestDecides ? { ...sink.known, validator: null } : sink.known
  await using answer = await fetcher.fetch(options.url, from > 0 ? rangeHeaders(from, null, known) : {}, signal)
  const verdict = judgeAnswer({ url, from, to: null, ranged: from > 0, known }, answer)
  switch (verdict.kind) {
    case 'at-end':
      checkSize(options, url, verdict.known.total)
      await sink.note(verdict.known)
      return null
    case 'changed':
      await sink.reset()
      return verdict.error
    case 'start-anew':
      await sink.reset()
      return new EngineError('download.status', { url, found: 416, expected: '206 or 200' })
    case 'whole':
      if (from > 0) await sink.reset()
      break
    case 'part':
      break
  }
  const { total } = verdict.known
  if (total !== null) {
    checkSize(options, url, total)
    await options.onSize?.(total, sink.done)
  } else if (options.sizeBytes !== null) await options.onSize?.(options.sizeBytes, sink.done)
  await sink.note(verdict.known)
  const end = verdict.kind === 'part' ? verdict.to : total
  await takeBody(options, url, answer.body, end)
  if (end === null) await settleUnknown(options, url)
  return null
}

function checkSize({ sizeBytes, maxBytes }: ResumeOptions, url: string, total: number): void {
  if (sizeBytes !== null && total !== sizeBytes)
    throw new EngineError('download.size-differs', { url, found: total, expected: sizeBytes })
  if (total > maxBytes) throw new EngineError('download.too-large', { url, found: total, limit: maxBytes })
}

async function takeBody(
  { sink, signal, sizeBytes, maxBytes, onProgress }: ResumeOptions,
  url: string,
  body: AsyncIterable<Uint8Array>,
  end: number | null,
): Promise<void> {
  const limit = end ?? sizeBytes ?? maxBytes
  for await (const chunk of body) {
    throwIfAborted(signal)
    if (sink.done + chunk.length > limit)
      throw new EngineError('download.too-large', { url, found: sink.done + chunk.length, limit })
    await sink.append(chunk)
    onProgress?.(sink.done, sink.known.total ?? sizeBytes)
  }
  if (end !== null && sink.done < end)
    throw new EngineError('download.interrupted', { server: url, received: sink.done, reason: `${end} were announced` })
}

/** The answer had no size and ended properly: that is the end of the file, unless more was promised. */
async function settleUnknown({ sink, sizeBytes }: ResumeOptions, url: string): Promise<void> {
  if (sizeBytes !== null && sink.done < sizeBytes) {
    const reason = `${sizeBytes} were promised`
    throw new EngineError('download.interrupted', { server: url, received: sink.done, reason })
  }
  await sink.note({ ...sink.known, total: sink.done })
}
