// A disk in memory: sparse, with 512 or 4096 byte sectors. Faults and recordings are wrapped around it (faults.ts,
// recording.ts), so that they work around real devices too.
import { EngineError } from '#base/errors.ts'
import type { BlockDevice } from '#engine/ports.ts'
import { Pages } from './pages.ts'

export interface MemoryDisk extends BlockDevice {
  /** The bytes themselves; `fork()` them for a snapshot. */
  readonly pages: Pages
  /** A copy of a range, without going through `read`. */
  peek(offset: number, length: number): Uint8Array<ArrayBuffer>
}

export interface MemoryDiskOptions {
  /** Bytes; a multiple of the sector size. */
  readonly size: number
  readonly sectorSize?: number
  readonly path?: string
  readonly serial?: string
  readonly readOnly?: boolean
  /** What is on it at first; forked, never changed. */
  readonly pages?: Pages
}

/** A blank disk, or one with the content of `pages`. */
export function memoryDisk(options: MemoryDiskOptions): MemoryDisk {
  const { size, sectorSize = 512, path = 'memory:0', serial = 'MEMORY0001', readOnly = false } = options
  const pages = options.pages?.fork() ?? new Pages()
  function check(offset: number, length: number): void {
    if (Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && offset + length <= size) return
    throw new EngineError('disk.out-of-range', { disk: path, offset, end: offset + length, size })
  }
  function checkWritable(): void {
    if (readOnly) throw new EngineError('disk.read-only', { disk: path, reason: 'it was opened for reading' })
  }
  return {
    path,
    size,
    sectorSize,
    readOnly,
    direct: true,
    pages,
    async read(offset, target) {
      check(offset, target.length)
      pages.read(offset, target)
    },
    async write(offset, data) {
      checkWritable()
      check(offset, data.length)
      pages.write(offset, data)
    },
    async flush() {},
    async zero(offset, length) {
      checkWritable()
      check(offset, length)
      pages.zero(offset, length)
    },
    async knownZero(offset, length) {
      return pages.blank(offset, length)
    },
    allocate: (length) => new Uint8Array(length),
    async identity() {
      return { serial, wwn: null, size, busPath: path }
    },
    peek(offset, length) {
      const copy = new Uint8Array(length)
      pages.read(offset, copy)
      return copy
    },
    async [Symbol.asyncDispose]() {},
  }
}
