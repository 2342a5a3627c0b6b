// Answers "was anything written?" from the writes themselves: a BlockDevice that counts what passes through it.
import type { BlockDevice } from './ports.ts'

export interface WriteAccount {
  /** Bytes handed to the device, zeroed ranges included. */
  readonly bytesWritten: number
  readonly bytesZeroed: number
  readonly bytesRead: number
  readonly flushes: number
  /** True as soon as a write was attempted, even one that failed. */
  readonly touched: boolean
}

export interface AccountedDevice {
  readonly device: BlockDevice
  account(): WriteAccount
}

/** Wraps a device; the wrapper does not own it (disposing the wrapper disposes the device). */
export function withAccount(inner: BlockDevice): AccountedDevice {
  let bytesWritten = 0
  let bytesZeroed = 0
  let bytesRead = 0
  let flushes = 0
  let touched = false
  const device: BlockDevice = {
    path: inner.path,
    size: inner.size,
    sectorSize: inner.sectorSize,
    readOnly: inner.readOnly,
    ...(inner.direct === undefined ? {} : { direct: inner.direct }),
    async read(offset, target) {
      await inner.read(offset, target)
      bytesRead += target.length
    },
    async write(offset, data) {
      touched = true
      await inner.write(offset, data)
      bytesWritten += data.length
    },
    async flush() {
      await inner.flush()
      flushes++
    },
    async zero(offset, length) {
      touched = true
      await inner.zero(offset, length)
      bytesZeroed += length
    },
    knownZero: (offset, length) => inner.knownZero(offset, length),
    allocate: (length) => inner.allocate(length),
    identity: () => inner.identity(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
  return { device, account: () => ({ bytesWritten, bytesZeroed, bytesRead, flushes, touched }) }
}
