// The part that files and kernel block devices share: whole reads and writes at any offset over a descriptor that may
// want aligned ones (O_DIRECT), bounce buffers, and the book about ranges that are known to be zero.
import type { FileHandle } from 'node:fs/promises'
import { alignDown, alignUp } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { RangeSet } from '#base/range-set.ts'
import type { BlockDevice } from '#engine/ports.ts'
import type { DiskIdentity } from '#model/disk.ts'
import { allocateAligned, isAligned } from '../os/aligned-memory.ts'
import type { Operation } from '../os/os-errors.ts'

const WINDOW = 1024 * 1024

export interface RawParts {
  readonly handle: FileHandle
  readonly path: string
  /** Bytes; a multiple of `unit` when `direct`. */
  readonly size: number
  readonly sectorSize: number
  readonly readOnly: boolean
  /** False when reads may come from the page cache. */
  readonly direct: boolean
  /** Offsets and lengths that the descriptor accepts are multiples of this; 1 when any are. */
  readonly unit: number
  /** Nothing was ever written to it: every byte reads as zero. */
  readonly fresh: boolean
  /** Zeroes without moving data; false when that is not possible here. Offset and length are multiples of 4096. */
  zeroByOffload(offset: number, length: number): Promise<boolean>
  /** Called after data reached the medium. */
  afterFlush(): Promise<void>
  failure(operation: Operation, offset: number, error: unknown): Promise<EngineError>
  identity(): Promise<DiskIdentity>
  close(): Promise<void>
}

/** A BlockDevice over an open descriptor; see engine/ports.ts for what it promises. */
export function rawDevice(parts: RawParts): BlockDevice {
  const { handle, path, size, unit } = parts
  const zeroes = new RangeSet()
  if (parts.fresh) zeroes.add(0, size)
  const spare: Uint8Array[] = []
  let merging = Promise.resolve()

  async function withWindow<T>(use: (window: Uint8Array) => Promise<T>): Promise<T> {
    const window = spare.pop() ?? allocateAligned(WINDOW)
    try {
      return await use(window)
    } finally {
      if (spare.length < 4) spare.push(window)
    }
  }

  /** Read-modify-writes run one after the other: neighbours may share a sector. */
  function oneAtATime(work: () => Promise<void>): Promise<void> {
    const turn = merging.then(work)
    merging = turn.catch(() => {})
    return turn
  }

  function checkRange(offset: number, length: number): void {
    if (Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && offset + length <= size) return
    throw new EngineError('disk.out-of-range', { disk: path, offset, end: offset + length, size })
  }

  function checkWritable(): void {
    if (parts.readOnly) throw new EngineError('disk.read-only', { disk: path, reason: 'it was opened for reading' })
  }

  async function readWhole(offset: number, target: Uint8Array): Promise<void> {
    let done = 0
    try {
      while (done < target.length) {
        const { bytesRead } = await handle.read(target, done, target.length - done, offset + done)
        if (bytesRead === 0) throw Object.assign(new Error('the end came early'), { code: 'end of file' })
        done += bytesRead
      }
    } catch (error) {
      throw await parts.failure('reading', offset + done, error)
    }
  }

  async function writeWhole(offset: number, data: Uint8Array): Promise<void> {
    let done = 0
    try {
      while (done < data.length) {
        const { bytesWritten } = await handle.write(data, done, data.length - done, offset + done)
        if (bytesWritten === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' })
        done += bytesWritten
      }
    } catch (error) {
      throw await parts.failure('writing', offset + done, error)
    }
  }

  const accepts = (offset: number, bytes: Uint8Array): boolean =>
    unit === 1 || (offset % unit === 0 && bytes.length % unit === 0 && isAligned(bytes))

  /** Calls `use` for each window over the range: the aligned range, and the part of it that is asked for. */
  async function eachWindow(
    offset: number,
    length: number,
    use: (from: number, window: Uint8Array, skip: number, take: number, done: number) => Promise<void>,
  ): Promise<void> {
    await withWindow(async (whole) => {
      for (let done = 0; done < length; ) {
        const from = alignDown(offset + done, unit)
        const skip = offset + done - from
        const take = Math.min(length - done, WINDOW - skip)
        await use(from, whole.subarray(0, alignUp(skip + take, unit)), skip, take, done)
        done += take
      }
    })
  }

  async function read(offset: number, target: Uint8Array): Promise<void> {
    checkRange(offset, target.length)
    if (accepts(offset, target)) return readWhole(offset, target)
    await eachWindow(offset, target.length, async (from, window, skip, take, done) => {
      await readWhole(from, window)
      target.set(window.subarray(skip, skip + take), done)
    })
  }

  const mergeWrite = (offset: number, data: Uint8Array): Promise<void> =>
    oneAtATime(() =>
      eachWindow(offset, data.length, async (from, window, skip, take, done) => {
        const tail = alignDown(skip + take, unit)
        if (skip > 0) await readWhole(from, window.subarray(0, unit))
        if (tail < skip + take && !(skip > 0 && tail === 0)) {
          await readWhole(from + tail, window.subarray(tail, tail + unit))
        }
        window.set(data.subarray(done, done + take), skip)
        await writeWhole(from, window)
      }),
    )

  async function write(offset: number, data: Uint8Array): Promise<void> {
    checkWritable()
    checkRange(offset, data.length)
    zeroes.remove(offset, data.length)
    await (accepts(offset, data) ? writeWhole(offset, data) : mergeWrite(offset, data))
  }

  async function zero(offset: number, length: number): Promise<void> {
    checkWritable()
    checkRange(offset, length)
    if (zeroes.contains(offset, length)) return
    const start = alignUp(offset, 4096)
    const end = alignDown(offset + length, 4096)
    if (end - start >= WINDOW && (await parts.zeroByOffload(start, end - start))) {
      await writeZeroes(offset, start - offset)
      await writeZeroes(end, offset + length - end)
    } else await writeZeroes(offset, length)
    zeroes.add(offset, length)
  }

  /** Writes zeroes only where something else is: reading is cheaper than writing on flash, and wears nothing. */
  async function writeZeroes(offset: number, length: number): Promise<void> {
    if (length === 0) return
    const found = allocateAligned(Math.min(alignUp(length, unit), WINDOW))
    const blank = allocateAligned(found.length)
    for (let done = 0; done < length; ) {
      const take = Math.min(length - done, WINDOW - ((offset + done) % WINDOW))
      await read(offset + done, found.subarray(0, take))
      if (Buffer.compare(found.subarray(0, take), blank.subarray(0, take)) !== 0)
        await write(offset + done, blank.subarray(0, take))
      done += take
    }
  }

  return {
    path,
    size,
    sectorSize: parts.sectorSize,
    readOnly: parts.readOnly,
    direct: parts.direct,
    read,
    write,
    zero,
    async flush() {
      try {
        await handle.datasync()
      } catch (error) {
        throw await parts.failure('flushing', 0, error)
      }
      await parts.afterFlush()
    },
    async knownZero(offset, length) {
      return zeroes.contains(offset, length)
    },
    allocate: allocateAligned,
    identity: () => parts.identity(),
    [Symbol.asyncDispose]: () => parts.close(),
  }
}
