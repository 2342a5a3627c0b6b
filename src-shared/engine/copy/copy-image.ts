// The one copy pipeline: source -> decode -> signed digest -> write -> flush -> read back uncached -> signed digest.
//
// Promises: no byte of a block is written before that block's digest was the signed one. The head of the place (where
// superblocks are) is made zero first and written last, so that a half-written slot never looks complete. What follows the
// image is not touched. Memory does not depend on the image. Each target ends for itself, with an outcome or an error.
import { EngineError, throwIfAborted } from '#base/errors.ts'
import type { ImageTable } from '#model/manifest.ts'
import type { ImageSource } from '../image-source.ts'
import { type BlockFeed, blockReader, sharedFeeds } from './block-feed.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { BlockCodec, Pace } from './ports.ts'
import { abortable, checkRoom, workPool } from './read-back.ts'
import type { CopyCounts, CopyPhase, CopySeconds, CopyTarget, TargetRun } from './target.ts'
import { writeChanged } from './write-changed.ts'
import { writeFull } from './write-full.ts'

/** Covers the superblocks of squashfs, EROFS, ext4, xfs (all in the first 4 KiB) and btrfs (at 64 KiB). */
export const HEAD_BYTES = 128 * 1024
const WINDOW_BYTES = 32 * 1024 * 1024
/** How long, in all, the others wait for one slow target. */
export const PATIENCE_MS = 2000
/** Memory for the work of a target that shares its reading with others, like that of one among several. */
const SEVERAL = 2

/** Blocks between the fastest and the slowest target. */
export const windowOf = ({ blockSize }: ImageTable): number =>
  Math.max(2, Math.min(8, Math.floor(WINDOW_BYTES / blockSize)))

export interface CopyOptions {
  readonly source: ImageSource
  readonly targets: readonly CopyTarget[]
  /** `changed` writes only what differs; it is also how an interrupted copy goes on. */
  readonly mode: 'full' | 'changed'
  readonly codec: BlockCodec
  /** Needed for seconds, and for patience with slow targets; without it a slow one is left behind at once. */
  readonly pace?: Pace
  readonly signal?: AbortSignal
  /** Bytes at the start that are written last (default HEAD_BYTES, at most one block); 0 writes straight through. */
  readonly head?: number
  /** How long, in all, the others wait for one slow target (default PATIENCE_MS). */
  readonly patienceMs?: number
  /** Blocks of a reading that other jobs share (shared-reading.ts); for one target in `full` mode, which leaves it at its end. */
  readonly feed?: BlockFeed
  readonly onProgress?: (progress: CopyProgress) => void
  /** A slow target goes on alone, reading the source by itself. */
  readonly onDetach?: (target: number) => void
}

export interface CopyProgress {
  readonly target: number
  readonly phase: CopyPhase
  readonly doneBytes: number
  readonly totalBytes: number
}

export type CopyOutcome = {
  readonly counts: Readonly<CopyCounts>
  readonly seconds: Readonly<CopySeconds>
} & (
  | {
      readonly ok: true
      /** SHA-256 of the image, each block of which came back from the device as signed. */
      readonly sha256: string
      /** False when the device may have answered from a cache. */
      readonly direct: boolean
    }
  | { readonly ok: false; readonly error: EngineError }
)

function startRun(options: CopyOptions, target: CopyTarget, index: number): TargetRun {
  const { table } = options.source
  return {
    ...target,
    index,
    table,
    head: Math.min(options.head ?? HEAD_BYTES, table.blockSize, table.size),
    counts: { written: 0, zeroed: 0, skipped: 0, readBack: 0, compared: 0 },
    seconds: { write: 0, flush: 0, readBack: 0 },
    signal: options.signal,
    pace: options.pace,
    checksums: new Map(),
    progress(phase, doneBytes) {
      // What is still under way after a cancel says nothing any more.
      if (options.signal?.aborted) return
      options.onProgress?.({ target: index, phase, doneBytes, totalBytes: table.size })
    },
  }
}

/**
 * Copies one image to one or several places; answers one outcome per target, in order. Errors of a target (also of the
 * source, which all share) are in its outcome. Throws only `job.cancelled`, within moments of the abort: requests that
 * a device still has under way end on their own, and disposing of the device waits for them.
 */
export async function copyImage(options: CopyOptions): Promise<CopyOutcome[]> {
  throwIfAborted(options.signal)
  const { source, targets, codec, feed } = options
  const window = windowOf(source.table)
  const depth = targets.length === 1 && !feed ? Math.min(4, window) : 2
  const runs = targets.map((target, index) => startRun(options, target, index))
  const { patienceMs = PATIENCE_MS, pace, onDetach } = options
  const shared =
    options.mode === 'full' && !feed
      ? sharedFeeds({ source, codec, targets: targets.length, window, patienceMs, pace, onDetach })
      : null
  // A single target reads back into the buffers that it wrote from. Several have their own: one that hangs must not keep
  // buffers from the others.
  const pools = runs.map(() =>
    shared && runs.length === 1 ? shared.plain : workPool(source.table, codec, feed ? SEVERAL : runs.length),
  )
  const cancel = abortable(options.signal)
  try {
    const all = runs.map((run, index) =>
      copyOne(run, feed ?? shared?.feeds[index] ?? null, pools[index], options, depth),
    )
    return await Promise.race([Promise.all(all), cancel.promise])
  } finally {
    cancel.stop()
  }
}

async function copyOne(
  run: TargetRun,
  feed: BlockFeed | null,
  work: BufferPool,
  options: CopyOptions,
  depth: number,
): Promise<CopyOutcome> {
  const { source, codec } = options
  const { counts, seconds } = run
  try {
    checkRoom(run.table, run)
    if (feed) await writeFull(run, feed, codec, work, depth)
    else await writeChanged(run, blockReader(source, codec, 2), codec, work, Math.max(2, depth))
    return { ok: true, counts, seconds, sha256: run.table.sha256, direct: run.device.direct !== false }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return { ok: false, counts, seconds, error }
  } finally {
    feed?.leave()
    work.end()
  }
}

/** copyImage for one target: answers its outcome or throws its error. */
export async function writeImage(
  options: Omit<CopyOptions, 'targets' | 'onProgress'> & {
    readonly target: CopyTarget
    readonly onProgress?: (phase: CopyPhase, doneBytes: number, totalBytes: number) => void
  },
): Promise<Extract<CopyOutcome, { ok: true }>> {
  const { target, onProgress, ...rest } = options
  const [outcome] = await copyImage({
    ...rest,
    targets: [target],
    onProgress: (one) => onProgress?.(one.phase, one.doneBytes, one.totalBytes),
  })
  if (!outcome.ok) throw outcome.error
  return outcome
}
