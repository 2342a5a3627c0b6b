// A device that misbehaves as told: it fails, vanishes, fills up, lies about its size, corrupts, drops flushes, is slow.
import { EngineError } from '#base/errors.ts'
import type { BlockDevice } from '#engine/ports.ts'

/** May be changed while the device is in use. Counts start at 1 and include every write or zero from the start. */
export interface Faults {
  /** This write fails with `disk.write-failed` (a bad sector); the others work. */
  failWrite?: number
  /** A read that touches this byte fails with `disk.read-failed`. */
  failReadAt?: number
  /** From this write on every operation fails with `disk.lost`. */
  vanishAtWrite?: number
  /** Gone: every operation fails with `disk.lost`. */
  vanished?: boolean
  readOnly?: boolean
  /** Writes that end behind this byte fail with `disk.full`. */
  fullAt?: number
  /** One bit of the byte at this offset is flipped whenever it is written. */
  corruptAt?: number
  /** True size of a fake stick: offsets behind it wrap around to the start. */
  realSize?: number
  /** `flush` answers without doing anything. */
  dropFlush?: boolean
  /** Milliseconds that each operation takes longer. */
  delayMs?: number
  /** Every operation waits for this first: a device that hangs. */
  hold?: Promise<void>
}

/** The identity stays what the inner device says until it has vanished. */
export function withFaults(inner: BlockDevice, faults: Faults): BlockDevice {
  const disk = inner.path
  let writes = 0
  async function before(operation: string, offset: number): Promise<void> {
    if (faults.delayMs) await new Promise((done) => setTimeout(done, faults.delayMs))
    await faults.hold
    if (faults.vanished) throw new EngineError('disk.lost', { disk, operation, offset, reason: 'ENODEV' })
  }
  async function beforeWrite(offset: number, length: number): Promise<void> {
    writes++
    if (faults.vanishAtWrite !== undefined && writes >= faults.vanishAtWrite) faults.vanished = true
    const failing = writes === faults.failWrite
    await before('writing', offset)
    if (faults.readOnly) throw new EngineError('disk.read-only', { disk, reason: 'EROFS' })
    if (failing) throw new EngineError('disk.write-failed', { disk, offset, reason: 'EIO' })
    if (faults.fullAt !== undefined && offset + length > faults.fullAt) {
      throw new EngineError('disk.full', { disk, offset })
    }
  }
  /** Where a range really lies: behind the true end it goes on at the start, also in the middle of one write. */
  function* places(offset: number, length: number): Generator<{ at: number; place: number; part: number }> {
    const size = faults.realSize ?? Number.POSITIVE_INFINITY
    for (let at = 0; at < length; ) {
      const place = (offset + at) % size
      const part = Math.min(length - at, size - place)
      yield { at, place, part }
      at += part
    }
  }
  async function writeThrough(offset: number, data: Uint8Array): Promise<void> {
    for (const { at, place, part } of places(offset, data.length))
      await inner.write(place, data.subarray(at, at + part))
  }
  return {
    path: inner.path,
    size: inner.size,
    sectorSize: inner.sectorSize,
    get readOnly() {
      return inner.readOnly || faults.readOnly === true
    },
    direct: inner.direct,
    async read(offset, target) {
      await before('reading', offset)
      const bad = faults.failReadAt
      if (bad !== undefined && bad >= offset && bad < offset + target.length) {
        throw new EngineError('disk.read-failed', { disk, offset: bad, reason: 'EIO' })
      }
      for (const { at, place, part } of places(offset, target.length))
        await inner.read(place, target.subarray(at, at + part))
    },
    async write(offset, data) {
      await beforeWrite(offset, data.length)
      const bad = faults.corruptAt
      if (bad === undefined || bad < offset || bad >= offset + data.length) return writeThrough(offset, data)
      const changed = inner.allocate(data.length)
      changed.set(data)
      changed[bad - offset] ^= 0x10
      await writeThrough(offset, changed)
    },
    async flush() {
      await before('flushing', 0)
      if (!faults.dropFlush) await inner.flush()
    },
    async zero(offset, length) {
      await beforeWrite(offset, length)
      for (const { place, part } of places(offset, length)) await inner.zero(place, part)
    },
    knownZero: async (offset, length) => faults.realSize === undefined && inner.knownZero(offset, length),
    allocate: (length) => inner.allocate(length),
    async identity() {
      await before('identifying', 0)
      return inner.identity()
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
}
