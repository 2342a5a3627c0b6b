// What downloading asks of the world: one request with its answer, and a place to put bytes.
import type { Known } from './answer.ts'

/** The last answer after allowed redirects. Dispose it to close the connection. */
export interface Fetched extends AsyncDisposable {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Throws `download.*`; never compressed. */
  readonly body: AsyncIterable<Uint8Array>
}

export interface Fetcher {
  /** GET. Throws `download.*`, `job.cancelled`. */
  fetch(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Fetched>
  /** The URL as it may be shown: without anything secret. */
  shown(url: string): string
}

/** Time; a pause ends early, without an error, when the signal is aborted. */
export interface Waiting {
  /** Milliseconds from any fixed point. */
  now(): number
  sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void>
}

/** A partial download that outlives this process. */
export interface PartSink {
  /** Bytes kept from the start of the file. */
  readonly done: number
  /** What the kept bytes belong to. */
  readonly known: Known
  /** Keeps nothing any more. Durable. */
  reset(): Promise<void>
  /** Remembers what the server said about the file, before bytes of it are appended. Durable. */
  note(known: Known): Promise<void>
  append(bytes: Uint8Array): Promise<void>
}
