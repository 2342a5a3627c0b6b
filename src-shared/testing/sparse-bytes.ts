// A sparse memory that keeps 4 KiB pages, with a log of writes and flushes: for codec tests on large volumes and for
// replaying prefixes of what was written. Unwritten bytes read as `background`.
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'

const PAGE = 4096

export type LoggedWrite = { readonly offset: number; readonly data: Uint8Array } | 'flush'

export interface SparseBytes {
  readonly size: number
  readonly sectorSize: number
  /** Writes and flushes since the start, or since `log.length = 0`. */
  readonly log: LoggedWrite[]
  read(offset: number, target: Uint8Array): Promise<void>
  write(offset: number, data: Uint8Array): Promise<void>
  flush(): Promise<void>
  /** Like write, but not logged. */
  fill(offset: number, data: Uint8Array): void
  /** An independent copy with an empty log. */
  clone(): SparseBytes
  /** Stores [offset, offset + length) as a sparse file. */
  save(path: string, offset?: number, length?: number): void
}

export function sparseBytes(
  size: number,
  sectorSize = 512,
  background = 0,
  from?: Map<number, Uint8Array>,
): SparseBytes {
  const pages = new Map<number, Uint8Array>()
  for (const [number, page] of from ?? []) pages.set(number, page.slice())
  const log: LoggedWrite[] = []
  const within = (offset: number, length: number) => {
    if (!(offset >= 0 && offset + length <= size)) throw new RangeError(`${offset}+${length} is outside of ${size}`)
  }
  const each = (
    offset: number,
    length: number,
    visit: (page: number, from: number, at: number, count: number) => void,
  ) => {
    within(offset, length)
    for (let done = 0; done < length; ) {
      const from = (offset + done) % PAGE
      const count = Math.min(PAGE - from, length - done)
      visit(Math.floor((offset + done) / PAGE), from, done, count)
      done += count
    }
  }
  const fill = (offset: number, data: Uint8Array) =>
    each(offset, data.length, (number, from, at, count) => {
      const page = pages.get(number) ?? new Uint8Array(PAGE).fill(background)
      page.set(data.subarray(at, at + count), from)
      pages.set(number, page)
    })
  return {
    size,
    sectorSize,
    log,
    fill,
    read: async (offset, target) =>
      each(offset, target.length, (number, from, at, count) => {
        const page = pages.get(number)
        if (page) target.set(page.subarray(from, from + count), at)
        else target.fill(background, at, at + count)
      }),
    write: async (offset, data) => {
      fill(offset, data)
      log.push({ offset, data: data.slice() })
    },
    flush: async () => {
      log.push('flush')
    },
    clone: () => sparseBytes(size, sectorSize, background, pages),
    save: (path, offset = 0, length = size - offset) => {
      if (background !== 0 || offset % PAGE !== 0) throw new RangeError('only a zero background and whole pages')
      const file = openSync(path, 'w')
      ftruncateSync(file, length)
      for (const [number, page] of pages) {
        const at = number * PAGE - offset
        if (at >= 0 && at < length) writeSync(file, page, 0, Math.min(PAGE, length - at), at)
      }
      closeSync(file)
    },
  }
}
