// A file on a server as a ByteSource: reads in order ride on one stream, a read far away asks for its own range, a broken
// connection is taken up at the exact byte. Nothing is stored; memory is one chunk. Whether the bytes are right is not its
// business: who reads authenticates them.
import { EngineError, isEngineError, throwIfAborted } from '#base/errors.ts'
import type { ByteSource } from '../ports.ts'
import { judgeAnswer, type Known, mayPass, NOTHING_KNOWN, rangeHeaders } from './answer.ts'
import { type Attempts, countAttempts, PATIENT, type RetryPolicy } from './attempts.ts'
import type { Fetched, Fetcher, Waiting } from './ports.ts'

export interface RangeSourceOptions {
  readonly url: string
  readonly fetcher: Fetcher
  /** What the channel said; another size is refused. */
  readonly sizeBytes: number | null
  readonly pace: Waiting
  readonly retry?: RetryPolicy
  readonly signal?: AbortSignal
}

/** A gap up to here is read and thrown away; a longer one is worth a new request. */
const SKIP = 256 * 1024
/** A range begins small and grows while it is read in order, so that reads here and there do not fetch what nobody wants. */
const FIRST_SPAN = 256 * 1024
const LONGEST_SPAN = 64 * 1024 * 1024
/** How often a server without ranges is asked for the whole file again. */
const MAX_RESTARTS = 8

interface Stream {
  readonly answer: Fetched
  readonly chunks: AsyncIterator<Uint8Array>
  position: number
  readonly end: number
  /** The last chunk and its place: `position` lies in it or at its end. */
  chunk: Uint8Array
  chunkAt: number
}

interface Wanted {
  readonly offset: number
  readonly target: Uint8Array
  filled: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * For readers that authenticate what they read: another ETag or date is no reason to stop, another size is.
 * Asks the server for the file's size and the first bytes.
 * @throws EngineError `download.*` (`.size-unknown`, `.size-differs`, `.status`, `.no-progress`, ...), `release.empty`
 */
export async function openRangeSource(options: RangeSourceOptions): Promise<ByteSource> {
  const source = new RangeSource(options)
  try {
    await source.open()
  } catch (error) {
    await source[Symbol.asyncDispose]()
    throw error
  }
  return source
}

class RangeSource implements ByteSource {
  readonly name: string
  size = 0
  readonly #options: RangeSourceOptions
  readonly #wanted = new Set<Wanted>()
  #stream: Stream | null = null
  #known: Known = NOTHING_KNOWN
  #span = FIRST_SPAN
  #hasRanges = true
  #restarts = 0
  #received = 0
  #isPumping = false
  #pumping: Promise<void> = Promise.resolve()
  /** Once set, nothing is read any more: the file is not the one that was opened, or the source was closed. */
  #over: unknown = null

  constructor(options: RangeSourceOptions) {
    this.#options = options
    this.name = options.fetcher.shown(options.url)
  }

  async open(): Promise<void> {
    const attempts = this.#attempts()
    for (;;) {
      try {
        await this.#connect(0, FIRST_SPAN)
        break
      } catch (error) {
        if (!mayPass(error)) throw error
        await attempts.failed(error, 0)
      }
    }
    const { sizeBytes } = this.#options
    const size = this.#known.total ?? sizeBytes
    if (size === null) throw new EngineError('download.size-unknown', { url: this.name, found: 'no Content-Length' })
    if (sizeBytes !== null && size !== sizeBytes)
      throw new EngineError('download.size-differs', { url: this.name, found: size, expected: sizeBytes })
    if (size === 0) throw new EngineError('release.empty', { path: this.name })
    this.size = size
  }

  read(offset: number, target: Uint8Array): Promise<void> {
    if (offset + target.length > this.size) {
      const details = { name: this.name, expected: offset + target.length, found: this.size }
      return Promise.reject(new EngineError('release.truncated', details))
    }
    if (this.#over) return Promise.reject(this.#over)
    if (target.length === 0) return Promise.resolve()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#wanted.add({ offset, target, filled: 0, resolve, reject })
    if (!this.#isPumping) this.#pumping = this.#pump()
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over ??= new EngineError('job.cancelled')
    this.#rejectAll(this.#over)
    await this.#close()
    await this.#pumping
  }

  #attempts(): Attempts {
    const { retry = PATIENT, pace, signal } = this.#options
    return countAttempts(this.name, retry, pace, signal)
  }

  #rejectAll(error: unknown): void {
    for (const each of this.#wanted) each.reject(error)
    this.#wanted.clear()
  }

  /** Serves what is wanted until nothing is. Never throws: each read gets its own outcome. */
  async #pump(): Promise<void> {
    this.#isPumping = true
    const attempts = this.#attempts()
    let best = this.#received
    while (this.#wanted.size > 0) {
      const next = await this.#choose()
      if (!next) continue
      try {
        throwIfAborted(this.#options.signal)
        await this.#serve(next)
        this.#wanted.delete(next)
        next.resolve()
      } catch (error) {
        await this.#close()
        if (this.#received > best) attempts.progress()
        best = this.#received
        await this.#again(error, attempts, next.offset + next.filled)
      }
    }
    this.#isPumping = false
  }

  /** Pauses before the next attempt, or ends every read that waits. */
  async #again(error: unknown, attempts: Attempts, position: number): Promise<void> {
    try {
      if (this.#over || !mayPass(error)) throw error
      await attempts.failed(error, position)
    } catch (final) {
      // A connection may come back; a changed file or a cancelled job does not.
      if (!isEngineError(final, 'download.no-progress')) this.#over ??= final
      this.#rejectAll(final)
    }
  }

  /**
   * The read that lies next on the stream. A reader that takes its block piece by piece asks for the next piece only after
   * the one before: it gets a moment before the stream leaves its place.
   */
  async #choose(): Promise<Wanted | null> {
    const next = this.#nearest()
    const position = this.#stream?.position
    if (!next || position === undefined || next.offset + next.filled === position) return next
    await this.#options.pace.sleep(0, this.#options.signal)
    return this.#nearest()
  }

  #nearest(): Wanted | null {
    const position = this.#stream?.position ?? 0
    let ahead: Wanted | null = null
    let lowest: Wanted | null = null
    for (const each of this.#wanted) {
      if (!lowest || each.offset < lowest.offset) lowest = each
      if (each.offset + each.filled >= position && (!ahead || each.offset < ahead.offset)) ahead = each
    }
    return ahead ?? lowest
  }

  async #serve(wanted: Wanted): Promise<void> {
    while (wanted.filled < wanted.target.length) {
      const at = wanted.offset + wanted.filled
      const stream = await this.#streamAt(at, wanted.target.length - wanted.filled)
      const chunk = await this.#chunk(stream)
      // What lies before the wanted bytes is passed over.
      const skipped = Math.min(chunk.length, at - stream.position)
      const taken = Math.min(chunk.length - skipped, wanted.target.length - wanted.filled)
      wanted.target.set(chunk.subarray(skipped, skipped + taken), wanted.filled)
      wanted.filled += taken
      this.#received += taken
      stream.position += skipped + taken
    }
  }

  /** A stream whose next bytes are those at `at`, or a little before. */
  async #streamAt(at: number, length: number): Promise<Stream> {
    const stream = this.#stream
    // A little way back lies in memory: whoever looks at a head reads it again.
    if (stream && at < stream.position && at >= stream.chunkAt) stream.position = at
    if (stream && at >= stream.position && at < stream.end && (!this.#hasRanges || at - stream.position <= SKIP))
      return stream
    const inOrder = stream !== null && stream.position === stream.end && at - stream.end <= SKIP && at >= stream.end
    this.#span = inOrder ? Math.min(LONGEST_SPAN, this.#span * 4) : FIRST_SPAN
    await this.#close()
    return this.#connect(at, Math.max(length, this.#span))
  }

  async #chunk(stream: Stream): Promise<Uint8Array> {
    const rest = stream.chunk.subarray(stream.position - stream.chunkAt)
    if (rest.length > 0) return rest
    const { done, value } = await stream.chunks.next()
    if (this.#over) throw this.#over
    if (done) {
      const details = { server: this.name, received: stream.position, reason: `${stream.end} were announced` }
      throw new EngineError('download.interrupted', details)
    }
    // What is sent behind the announced end is nobody's.
    stream.chunk = value.subarray(0, stream.end - stream.position)
    stream.chunkAt = stream.position
    return stream.chunk
  }

  async #close(): Promise<void> {
    const stream = this.#stream
    this.#stream = null
    await stream?.answer[Symbol.asyncDispose]()
  }

  async #connect(at: number, length: number): Promise<Stream> {
    const { fetcher, url, signal } = this.#options
    const known = this.#known
    const to = this.size > 0 ? Math.min(this.size, at + length) : at + length
    const answer = await fetcher.fetch(url, rangeHeaders(at, to, known), signal)
    try {
      if (this.#over) throw this.#over
      const verdict = judgeAnswer({ url: this.name, from: at, to, ranged: true, known }, answer)
      switch (verdict.kind) {
        case 'changed':
          throw verdict.error
        case 'at-end':
          throw new EngineError('release.empty', { path: this.name })
        case 'start-anew':
          throw new EngineError('download.status', { url: this.name, found: 416, expected: '206 or 200' })
        case 'whole':
          this.#countRestart()
          break
        case 'part':
          this.#hasRanges = true
          break
      }
      const total = verdict.known.total ?? known.total
      // Mirrors name the same bytes differently. Whoever reads authenticates each block: that tells, not the name.
      this.#known = { validator: null, total }
      const whole = total ?? this.#options.sizeBytes ?? Infinity
      const [position, end] = verdict.kind === 'part' ? [at, verdict.to] : [0, whole]
      const chunks = answer.body[Symbol.asyncIterator]()
      this.#stream = { answer, chunks, position, end, chunk: new Uint8Array(0), chunkAt: position }
      return this.#stream
    } catch (error) {
      await answer[Symbol.asyncDispose]()
      throw error
    }
  }

  #countRestart(): void {
    this.#hasRanges = false
    this.#restarts++
    if (this.#restarts <= MAX_RESTARTS) return
    const details = { url: this.name, found: this.#restarts, limit: MAX_RESTARTS }
    throw new EngineError('download.no-ranges', details)
  }
}
