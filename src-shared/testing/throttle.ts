// A device slowed down to given rates, around any other: for benchmarks of eMMC and USB disks on a fast machine.
// Reads and writes share one channel, as on a bus; time is booked per request, so that many under way do not help.
import { setTimeout as sleep } from 'node:timers/promises'
import type { BlockDevice } from '#engine/ports.ts'

export interface Rates {
  /** Bytes per second. */
  readonly write: number
  readonly read: number
}

export function withRates(inner: BlockDevice, rates: Rates): BlockDevice {
  let free = 0
  async function booked(seconds: number, work: Promise<void>): Promise<void> {
    free = Math.max(free, performance.now()) + seconds * 1000
    const until = free
    await work
    const left = until - performance.now()
    if (left > 0) await sleep(left)
  }
  return {
    path: inner.path,
    size: inner.size,
    sectorSize: inner.sectorSize,
    readOnly: inner.readOnly,
    direct: inner.direct,
    read: (offset, target) => booked(target.length / rates.read, inner.read(offset, target)),
    write: (offset, data) => booked(data.length / rates.write, inner.write(offset, data)),
    flush: () => inner.flush(),
    zero: (offset, length) => inner.zero(offset, length),
    knownZero: (offset, length) => inner.knownZero(offset, length),
    allocate: (length) => inner.allocate(length),
    identity: () => inner.identity(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
}
