// Is a disk as large as it claims? Marks all over it, each of which says where it was put, tell: on a disk whose addresses
// begin anew somewhere, or whose end goes nowhere, at least one comes back wrong. They are put before the first content and
// read at once; what is untouched by then is read once more when everything else is on the disk.
//
// Why no real size passes: a mark lies at every multiple of `stride`, then a run without gaps, a little longer than `stride`, at
// the very end. If addresses from N on come out at the start again, the run, or the part of it from N on, comes out on a
// stretch that holds a mark, or on the one at byte 0. What is dropped is missing from the run. (Not found: less than a
// `stride` that comes out in the midst of the disk and not at its start.) Costs √(8 KiB · size) for the
// run and as much again for the marks at most: about 18 MB of 16 GB.
import { equalBytes, formatBytes, isZero, MIB, utf8, viewOf } from '#base/bytes.ts'
import { EngineError, throwIfAborted } from '#base/errors.ts'
import { bufferPool } from './copy/buffer-pool.ts'
import { startWith, withLane } from './copy/lane.ts'
import type { BlockDevice } from './ports.ts'

export interface MarksProgress {
  readonly signal: AbortSignal
  onProgress(doneBytes: number, totalBytes: number): void
}

export interface DiskMarks {
  /** The disk; what is written or zeroed through it is no mark any more. */
  readonly device: BlockDevice
  /** Bytes of the marks that nothing was written over. */
  readonly bytes: number
  /** Writes all marks, over whatever is there, and flushes. @throws EngineError `disk.*`, `job.cancelled` */
  place(options: MarksProgress): Promise<void>
  /** Reads what is left of them. @throws EngineError `write.lost-afterwards`, `disk.*`, `job.cancelled` */
  check(options: MarksProgress): Promise<void>
  /** Makes what is left of them zero; it is not flushed. @throws EngineError `disk.*`, `job.cancelled` */
  clear(options: Pick<MarksProgress, 'signal'>): Promise<void>
}

const PIECE = 4096
const CHUNK = MIB
const DEPTH = 4
const MAGIC = utf8('twinslot mark\n\n\n')
/** Magic, then as many bytes that are this job's own, then the offset. */
const NONCE_AT = MAGIC.length
const OFFSET_AT = 2 * MAGIC.length

/** Between two marks, bytes. */
export const strideOf = (size: number): number => Math.ceil(Math.sqrt(2 * PIECE * size) / MIB) * MIB

interface Stretch {
  readonly offset: number
  readonly length: number
}

/** Where marks are put: those with gaps first, then the run at the end. Lengths are multiples of the sector, at most a MiB. */
export function markPlaces(size: number): Stretch[] {
  const stride = strideOf(size)
  const run = Math.max(0, Math.floor((size - stride - PIECE) / PIECE) * PIECE)
  const places: Stretch[] = []
  for (let offset = 0; offset < run; offset += stride) places.push({ offset, length: Math.min(PIECE, run - offset) })
  for (let offset = run; offset < size; offset += CHUNK) places.push({ offset, length: Math.min(CHUNK, size - offset) })
  return places
}

/** Marks of one job on one disk; `nonce` is MAGIC.length bytes that no earlier job used. The caller keeps the disk. */
export function diskMarks(inner: BlockDevice, nonce: Uint8Array): DiskMarks {
  const { size, sectorSize } = inner
  /** Numbers of the pieces that hold a mark. */
  const marked = new Set<number>()
  let places: readonly Stretch[] = []
  const template = new Uint8Array(sectorSize).fill(0x2e)
  template.set(MAGIC)
  template.set(nonce.subarray(0, MAGIC.length), NONCE_AT)

  function fill(target: Uint8Array, offset: number): void {
    const view = viewOf(target)
    for (let at = 0; at < target.length; at += sectorSize) {
      target.set(template, at)
      view.setBigUint64(at + OFFSET_AT, BigInt(offset + at))
    }
  }

  /** Runs `work` on each stretch with a buffer of its length, a few at a time, in order of beginning. */
  async function each(
    all: readonly Stretch[],
    { signal, onProgress }: MarksProgress,
    work: (stretch: Stretch, buffer: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const pool = bufferPool(DEPTH, () => inner.allocate(CHUNK))
    const total = all.reduce((sum, { length }) => sum + length, 0)
    let done = 0
    await withLane(DEPTH, async (start) => {
      for (const stretch of all) {
        throwIfAborted(signal)
        const lease = await pool.acquire()
        await startWith(start, lease, async () => {
          await work(stretch, lease.bytes.subarray(0, stretch.length))
          done += stretch.length
          onProgress(done, total)
        })
      }
    })
    pool.end()
  }

  const forget = (offset: number, length: number): void => {
    if (marked.size === 0) return
    for (let piece = Math.floor(offset / PIECE); piece * PIECE < offset + length; piece++) marked.delete(piece)
  }

  /** Parts of a stretch of which every piece still holds its mark. */
  function* left({ offset, length }: Stretch): Generator<Stretch> {
    let from: number | null = null
    const end = offset + length
    for (let at = offset; at < end; at += PIECE) {
      const held = marked.has(at / PIECE)
      if (held) from ??= at
      else if (from !== null) {
        yield { offset: from, length: at - from }
        from = null
      }
    }
    if (from !== null) yield { offset: from, length: end - from }
  }
  const leftOf = (): Stretch[] => places.flatMap((stretch) => [...left(stretch)])

  function findLoss(offset: number, found: Uint8Array, expected: Uint8Array): EngineError {
    for (let at = 0; at < found.length; at += sectorSize) {
      const sector = found.subarray(at, at + sectorSize)
      const wanted = expected.subarray(at, at + sectorSize)
      if (equalBytes(sector, wanted)) continue
      return new EngineError('write.lost-afterwards', {
        place: `byte ${offset + at}`,
        expected: 'the mark of this job',
        found: isZero(sector) ? 'zeroes' : (strayed(sector, offset + at) ?? 'other bytes'),
      })
    }
    throw new Error('a mark differs, and none of its sectors does')
  }

  /** A mark of this job that was put elsewhere. */
  function strayed(sector: Uint8Array, place: number): string | null {
    if (!equalBytes(sector.subarray(0, OFFSET_AT), template.subarray(0, OFFSET_AT))) return null
    const from = Number(viewOf(sector).getBigUint64(OFFSET_AT))
    const guess = from > place ? `, so it may have no more than ${formatBytes(from - place)}` : ''
    return `what was written at byte ${from}${guess}`
  }

  return {
    device: {
      ...passThrough(inner),
      async write(offset, data) {
        forget(offset, data.length)
        await inner.write(offset, data)
      },
      async zero(offset, length) {
        forget(offset, length)
        await inner.zero(offset, length)
      },
    },
    get bytes() {
      return leftOf().reduce((sum, { length }) => sum + length, 0)
    },
    async place(options) {
      marked.clear()
      places = markPlaces(size)
      await each(places, options, async ({ offset }, buffer) => {
        fill(buffer, offset)
        await inner.write(offset, buffer)
      })
      await inner.flush()
      for (const { offset, length } of places)
        for (let at = offset; at < offset + length; at += PIECE) marked.add(at / PIECE)
    },
    async check(options) {
      const expected = new Uint8Array(CHUNK)
      await each(leftOf(), options, async ({ offset }, buffer) => {
        await inner.read(offset, buffer)
        const wanted = expected.subarray(0, buffer.length)
        fill(wanted, offset)
        if (!equalBytes(buffer, wanted)) throw findLoss(offset, buffer, wanted)
      })
    },
    async clear({ signal }) {
      for (const { offset, length } of leftOf()) {
        throwIfAborted(signal)
        await inner.zero(offset, length)
      }
      marked.clear()
    },
  }
}

const passThrough = (inner: BlockDevice): BlockDevice => ({
  path: inner.path,
  size: inner.size,
  sectorSize: inner.sectorSize,
  readOnly: inner.readOnly,
  ...(inner.direct === undefined ? {} : { direct: inner.direct }),
  read: (offset, target) => inner.read(offset, target),
  write: (offset, data) => inner.write(offset, data),
  flush: () => inner.flush(),
  zero: (offset, length) => inner.zero(offset, length),
  knownZero: (offset, length) => inner.knownZero(offset, length),
  allocate: (length) => inner.allocate(length),
  identity: () => inner.identity(),
  [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
})
