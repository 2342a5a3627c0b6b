// A bounded pool of equal buffers: constant memory is a promise, so there is one place that hands it out and counts it.

import type { BlockCodec } from './ports.ts'

export interface Lease {
  readonly bytes: Uint8Array
  release(): void
}

export interface BufferPool {
  /** Waits until a buffer is free. First come, first served. */
  acquire(): Promise<Lease>
  /** Lets one more buffer exist (another one is held by a device that hangs). */
  grow(): void
  /** No more leases: what is free is given back, what is still held by somebody is not used again. */
  end(): void
  /** Buffers made so far; never more than `limit` plus what was grown. */
  readonly made: number
}

/** A pool of a codec's buffers, those that others gave back first. */
export const codecPool = (codec: BlockCodec, limit: number, length: number): BufferPool =>
  bufferPool(
    limit,
    () => codec.spare?.take(length) ?? codec.allocate(length),
    (bytes) => codec.spare?.put(bytes),
  )

export function bufferPool(
  limit: number,
  allocate: () => Uint8Array,
  giveBack: (bytes: Uint8Array) => void = () => {},
): BufferPool {
  const free: Uint8Array[] = []
  const queue: ((bytes: Uint8Array) => void)[] = []
  let allowed = limit
  let made = 0
  let ended = false
  const lease = (bytes: Uint8Array): Lease => {
    let held = true
    return {
      bytes,
      release() {
        if (!held) return
        held = false
        const next = queue.shift()
        if (next) next(bytes)
        else if (!ended) free.push(bytes)
      },
    }
  }
  const make = (): Uint8Array => {
    made++
    return allocate()
  }
  return {
    async acquire() {
      const bytes = free.pop() ?? (made < allowed ? make() : null)
      if (bytes) return lease(bytes)
      const { promise, resolve } = Promise.withResolvers<Uint8Array>()
      queue.push(resolve)
      return lease(await promise)
    },
    grow() {
      allowed++
      if (queue.length > 0 && made < allowed) queue.shift()?.(make())
    },
    end() {
      ended = true
      for (const bytes of free.splice(0)) giveBack(bytes)
    },
    get made() {
      return made
    },
  }
}
