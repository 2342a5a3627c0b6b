// Copies ranges that we made ourselves (a file system in a sparse file, FAT sectors in memory) to their place on a device,
// makes other ranges zero, flushes, reads everything back and compares. There is no signed table: the digests are our own.
import { sha256 } from '@noble/hashes/sha2.js'
import { toHex, utf8 } from '#base/bytes.ts'
import { EngineError, throwIfAborted } from '#base/errors.ts'
import type { BlockDevice } from '../ports.ts'
import type { Range } from './blocks.ts'
import { type BufferPool, codecPool } from './buffer-pool.ts'
import { startWith, withLane } from './lane.ts'
import type { BlockCodec, Pace } from './ports.ts'
import { abortable } from './read-back.ts'
import type { CopyPhase } from './target.ts'

const CHUNK = 4 * 1024 * 1024
const SMALL = 256 * 1024
const ZERO_STEP = 256 * 1024 * 1024
const DEPTH = 2

export interface ExtentsCopy {
  readonly device: BlockDevice
  /** Where offset 0 of the extents lies on the device. */
  readonly offset: number
  /** Ranges with content, in order of writing. */
  readonly extents: readonly Range[]
  /** Ranges that must read as zero. */
  readonly zeroes: readonly Range[]
  /** Fills `target` with the content at `offset` (of the extents' coordinates). */
  read(offset: number, target: Uint8Array): Promise<void>
  readonly codec: BlockCodec
  /** Needed for the times of the outcome. */
  readonly pace?: Pace
  readonly signal?: AbortSignal
  readonly onProgress?: (phase: CopyPhase, doneBytes: number, totalBytes: number) => void
}

export interface ExtentsOutcome {
  readonly bytesWritten: number
  readonly bytesZeroed: number
  /** Zero ranges that were known to be zero and left alone. */
  readonly bytesSkipped: number
  readonly bytesReadBack: number
  /** digestOfList of what was to be written, and of what came back. */
  readonly expectedSha256: string
  readonly sha256: string
  /** Null without a pace. */
  readonly writeMs: number | null
  readonly flushMs: number | null
  readonly readBackMs: number | null
}

/**
 * One digest for ranges that have no image: SHA-256 over one line `offset length sha256` per range of at most 4 MiB, by offset,
 * each ended by a line feed. Offsets are those of the extents.
 */
export const digestOfList = (
  digests: ReadonlyMap<number, { readonly length: number; readonly hex: string }>,
): string => {
  const rows = [...digests].sort(([a], [b]) => a - b)
  return toHex(sha256(utf8(rows.map(([offset, { length, hex }]) => `${offset} ${length} ${hex}\n`).join(''))))
}

function* chunks(ranges: readonly Range[], step: number): Generator<Range> {
  for (const { offset, length } of ranges) {
    for (let at = 0; at < length; at += step) yield { offset: offset + at, length: Math.min(step, length - at) }
  }
}

const sum = (ranges: readonly Range[]): number => ranges.reduce((total, range) => total + range.length, 0)

/**
 * Throws `write.verify-failed` when the device gives back something else, `job.cancelled`, and what device and `read`
 * throw.
 */
export async function copyExtents(options: ExtentsCopy): Promise<ExtentsOutcome> {
  throwIfAborted(options.signal)
  const cancel = abortable(options.signal)
  try {
    return await Promise.race([perform(options), cancel.promise])
  } finally {
    cancel.stop()
  }
}

async function perform(options: ExtentsCopy): Promise<ExtentsOutcome> {
  const { extents, zeroes, codec } = options
  // Whole chunks fit other pools, and theirs this one.
  const small = [...extents, ...zeroes].every(({ length }) => length <= SMALL)
  const pool = codecPool(codec, DEPTH, small ? SMALL : CHUNK)
  try {
    return await copyThrough(pool, options)
  } finally {
    pool.end()
  }
}

async function copyThrough(pool: BufferPool, options: ExtentsCopy): Promise<ExtentsOutcome> {
  const { device, offset, extents, zeroes, codec, signal } = options
  const total = sum(extents) + sum(zeroes)
  const expected = new Map<number, { length: number; hex: string }>()
  const returned = new Map<number, { length: number; hex: string }>()
  const { pace } = options
  const times = [pace?.now() ?? 0]
  const made: Range[] = []
  let done = 0
  let phase: CopyPhase = 'write'
  const progress = (bytes: number): void => {
    done += bytes
    options.onProgress?.(phase, done, total)
  }

  let skipped = 0
  for (const range of chunks(zeroes, ZERO_STEP)) {
    throwIfAborted(signal)
    if (await device.knownZero(offset + range.offset, range.length)) skipped += range.length
    else {
      await device.zero(offset + range.offset, range.length)
      made.push(range)
    }
    progress(range.length)
  }
  await withLane(DEPTH, async (start) => {
    for (const range of chunks(extents, CHUNK)) {
      throwIfAborted(signal)
      const lease = await pool.acquire()
      await startWith(start, lease, async () => {
        const bytes = lease.bytes.subarray(0, range.length)
        await options.read(range.offset, bytes)
        expected.set(range.offset, { length: range.length, hex: await codec.digest(bytes) })
        await device.write(offset + range.offset, bytes)
        progress(range.length)
      })
    }
  })
  times.push(pace?.now() ?? 0)
  options.onProgress?.('flush', 0, total)
  await device.flush()
  times.push(pace?.now() ?? 0)

  phase = 'read-back'
  done = skipped
  const zeroDigests = await digestsOfZeroes(pool, [...chunks(made, CHUNK)], codec)
  await withLane(DEPTH, async (start) => {
    for (const range of [...chunks(extents, CHUNK), ...chunks(made, CHUNK)]) {
      throwIfAborted(signal)
      const lease = await pool.acquire()
      await startWith(start, lease, async () => {
        const bytes = lease.bytes.subarray(0, range.length)
        await device.read(offset + range.offset, bytes)
        const content = expected.get(range.offset)
        const wanted = content?.hex ?? zeroDigests.get(range.length) ?? ''
        const found = await codec.digest(bytes)
        if (found !== wanted) {
          const place = { disk: device.path, offset: offset + range.offset, length: range.length }
          throw new EngineError('write.verify-failed', { ...place, expected: wanted, found })
        }
        if (content) returned.set(range.offset, { length: range.length, hex: found })
        progress(range.length)
      })
    }
  })
  times.push(pace?.now() ?? 0)
  const took = (phase: number): number | null => (pace ? Math.round(times[phase + 1] - times[phase]) : null)
  return {
    bytesWritten: sum(extents),
    bytesZeroed: sum(made),
    bytesSkipped: skipped,
    bytesReadBack: sum(extents) + sum(made),
    expectedSha256: digestOfList(expected),
    sha256: digestOfList(returned),
    writeMs: took(0),
    flushMs: took(1),
    readBackMs: took(2),
  }
}

/** By length; made in a buffer of the pool. */
async function digestsOfZeroes(
  pool: BufferPool,
  ranges: readonly Range[],
  codec: BlockCodec,
): Promise<ReadonlyMap<number, string>> {
  const digests = new Map<number, string>()
  if (ranges.length === 0) return digests
  const lease = await pool.acquire()
  try {
    lease.bytes.fill(0)
    for (const { length } of ranges)
      if (!digests.has(length)) digests.set(length, await codec.digest(lease.bytes.subarray(0, length)))
  } finally {
    lease.release()
  }
  return digests
}
