// Records what is done to a device, in order: for tests that count bytes, and for the power-cut enumerator.
import type { BlockDevice } from '#engine/ports.ts'

export type RecordedOp =
  | { readonly kind: 'write'; readonly offset: number; readonly data: Uint8Array }
  | { readonly kind: 'zero'; readonly offset: number; readonly length: number }
  | { readonly kind: 'flush' }

export interface Recording {
  readonly device: BlockDevice
  readonly ops: RecordedOp[]
  /** Sums over the recording; reads are counted, not kept. */
  readonly count: {
    reads: number
    readBytes: number
    writes: number
    writtenBytes: number
    zeroedBytes: number
    flushes: number
  }
}

/** A device that passes everything on and writes it down. `keepData: false` records lengths only (big copies). */
export function withRecording(inner: BlockDevice, options: { readonly keepData?: boolean } = {}): Recording {
  const ops: RecordedOp[] = []
  const count = { reads: 0, readBytes: 0, writes: 0, writtenBytes: 0, zeroedBytes: 0, flushes: 0 }
  const keep = options.keepData ?? true
  const device: BlockDevice = {
    path: inner.path,
    size: inner.size,
    sectorSize: inner.sectorSize,
    readOnly: inner.readOnly,
    direct: inner.direct,
    read(offset, target) {
      count.reads++
      count.readBytes += target.length
      return inner.read(offset, target)
    },
    async write(offset, data) {
      count.writes++
      count.writtenBytes += data.length
      ops.push({ kind: 'write', offset, data: keep ? data.slice() : new Uint8Array(0) })
      await inner.write(offset, data)
    },
    async flush() {
      count.flushes++
      // At its start: what begins while it runs is not made durable by it.
      ops.push({ kind: 'flush' })
      await inner.flush()
    },
    async zero(offset, length) {
      count.zeroedBytes += length
      ops.push({ kind: 'zero', offset, length })
      await inner.zero(offset, length)
    },
    knownZero: (offset, length) => inner.knownZero(offset, length),
    allocate: (length) => inner.allocate(length),
    identity: () => inner.identity(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
  return { device, ops, count }
}
