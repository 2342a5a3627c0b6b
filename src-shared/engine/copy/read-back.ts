// Reads an image back from a device and compares every block with its signed SHA-256; after writing several targets at
// once, with the CRC-32 of the block whose SHA-256 was checked (docs/adr/0008). "Verified" means exactly this.
import { EngineError, throwIfAborted } from '#base/errors.ts'
import type { ImageTable } from '#model/manifest.ts'
import { blockCount, blockRange } from './blocks.ts'
import { type BufferPool, codecPool } from './buffer-pool.ts'
import { startWith, withLane } from './lane.ts'
import type { BlockCodec, Pace } from './ports.ts'
import { type CopyTarget, type TargetRun, timed } from './target.ts'

/** Buffers of one target for reading back: six of 4 MiB, or two of anything when several targets share the memory. */
export function workPool(table: ImageTable, codec: BlockCodec, targets: number): BufferPool {
  const most = targets === 1 ? Math.min(6, Math.floor((24 * 1024 * 1024) / table.blockSize)) : 2
  return codecPool(codec, Math.max(2, most), table.blockSize)
}

/** Fills the start of `buffer` with block `index` as the device has it now. */
export async function readFromDevice(run: TargetRun, index: number, buffer: Uint8Array): Promise<Uint8Array> {
  const range = blockRange(run.table, index)
  const bytes = buffer.subarray(0, range.length)
  await run.device.read(run.offset + range.offset, bytes)
  throwIfAborted(run.signal)
  return bytes
}

/**
 * Reads the given blocks and compares. Throws `write.verify-failed` for the first that differs, and what the device throws.
 */
export async function readBackBlocks(
  run: TargetRun,
  indexes: readonly number[],
  codec: BlockCodec,
  pool: BufferPool,
): Promise<void> {
  await timed(run, 'readBack', () =>
    withLane(indexes.length, async (start) => {
      for (const index of indexes) {
        throwIfAborted(run.signal)
        const lease = await pool.acquire()
        await startWith(start, lease, () => checkOnDevice(run, index, codec, lease.bytes))
      }
    }),
  )
}

const crcText = (checksum: number): string => `CRC-32 ${checksum.toString(16).padStart(8, '0')}`

async function checkOnDevice(run: TargetRun, index: number, codec: BlockCodec, buffer: Uint8Array): Promise<void> {
  const bytes = await readFromDevice(run, index, buffer)
  const { offset, length } = blockRange(run.table, index)
  const checksum = run.checksums.get(index)
  const expected = checksum === undefined ? run.table.blocks[index] : crcText(checksum)
  const found = checksum === undefined ? await codec.digest(bytes) : crcText(await codec.checksum(bytes))
  if (found !== expected) {
    const place = { disk: run.device.path, offset: run.offset + offset, length }
    throw new EngineError('write.verify-failed', { ...place, expected, found })
  }
  run.counts.readBack += length
  run.progress('read-back', run.counts.readBack)
}

export interface VerifyOptions extends CopyTarget {
  readonly table: ImageTable
  readonly codec: BlockCodec
  readonly pace?: Pace
  readonly signal?: AbortSignal
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
}

export interface VerifyOutcome {
  /** Bytes that came back and had the signed digest: the whole image. */
  readonly readBack: number
  /** SHA-256 of the image: all its blocks were as signed together with it. */
  readonly sha256: string
  readonly seconds: number
  /** False when the device may have answered from a cache. */
  readonly direct: boolean
}

/** Throws `write.image-too-large` when the image cannot be at that place. */
export function checkRoom(table: ImageTable, target: CopyTarget): void {
  if (table.size <= target.length && target.offset + table.size <= target.device.size) return
  const slotSize = Math.max(0, Math.min(target.length, target.device.size - target.offset))
  throw new EngineError('write.image-too-large', { imageSize: table.size, slotSize })
}

/** A run that only reads. */
export const readOnlyRun = (options: VerifyOptions): TargetRun => ({
  device: options.device,
  offset: options.offset,
  length: options.length,
  index: 0,
  table: options.table,
  head: 0,
  counts: { written: 0, zeroed: 0, skipped: 0, readBack: 0, compared: 0 },
  seconds: { write: 0, flush: 0, readBack: 0 },
  signal: options.signal,
  pace: options.pace,
  checksums: new Map(),
  progress: (_phase, doneBytes) => options.onProgress?.(doneBytes, options.table.size),
})

/**
 * Reads the whole image at its place and compares each block with the signed table; writes nothing.
 * Throws `write.image-too-large`, `write.verify-failed`, `job.cancelled`, and what the device throws.
 */
export async function verifyImage(options: VerifyOptions): Promise<VerifyOutcome> {
  checkRoom(options.table, options)
  const run = readOnlyRun(options)
  const every = Array.from({ length: blockCount(options.table) }, (_, index) => index)
  const { promise, stop } = abortable(options.signal)
  try {
    const work = readBackBlocks(run, every, options.codec, workPool(options.table, options.codec, 1))
    await Promise.race([work, promise])
  } finally {
    stop()
  }
  const { table, device } = options
  return {
    readBack: run.counts.readBack,
    sha256: table.sha256,
    seconds: run.seconds.readBack,
    direct: device.direct !== false,
  }
}

/** A promise that rejects with `job.cancelled` when the signal fires: a hanging disk does not hold up a cancel. */
export function abortable(signal: AbortSignal | undefined): { promise: Promise<never>; stop(): void } {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {})
  const onAbort = (): void => {
    try {
      throwIfAborted(signal)
    } catch (error) {
      reject(error)
    }
  }
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  return { promise, stop: () => signal?.removeEventListener('abort', onAbort) }
}
