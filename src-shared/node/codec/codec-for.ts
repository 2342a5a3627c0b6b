// Chooses where blocks are decoded and hashed: starting worker threads is worth it for large images only.
import type { BlockCodec } from '#engine/copy/ports.ts'
import { inlineCodec, openBlockCodec } from './block-codec.ts'

const WORTH_THREADS = 64 * 1024 * 1024

/** A codec for `bytes` of plain image, with `workers` threads if that pays; dispose it. */
export function codecFor(bytes: number, workers: number): BlockCodec & AsyncDisposable {
  return bytes >= WORTH_THREADS
    ? openBlockCodec({ workers })
    : { ...inlineCodec, [Symbol.asyncDispose]: async () => {} }
}
