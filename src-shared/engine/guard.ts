// A disk of which only some ranges can be written: the appliance's own disk, whose running slot, partition table and data
// stay out of reach of every fault behind this line. Reading is free.
import { EngineError } from '#base/errors.ts'
import type { Extent } from '#model/observation.ts'
import type { BlockDevice } from './ports.ts'

/**
 * Passes reads on; a write or zeroing must lie wholly within one of `writable`, else it throws before a byte moves.
 * Disposing closes `inner`.
 * @throws EngineError `own.out-of-bounds`
 */
export function guardDevice(inner: BlockDevice, writable: readonly Extent[]): BlockDevice {
  function check(offset: number, length: number): void {
    const end = offset + length
    const numbers = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && length >= 0
    if (numbers && writable.some((each) => offset >= each.offset && end <= each.offset + each.length)) return
    throw new EngineError('own.out-of-bounds', { disk: inner.path, offset, end })
  }
  return {
    path: inner.path,
    size: inner.size,
    sectorSize: inner.sectorSize,
    readOnly: inner.readOnly,
    ...(inner.direct === undefined ? {} : { direct: inner.direct }),
    read: (offset, target) => inner.read(offset, target),
    async write(offset, data) {
      check(offset, data.length)
      await inner.write(offset, data)
    },
    async zero(offset, length) {
      check(offset, length)
      await inner.zero(offset, length)
    },
    flush: () => inner.flush(),
    knownZero: (offset, length) => inner.knownZero(offset, length),
    allocate: (length) => inner.allocate(length),
    identity: () => inner.identity(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
}
