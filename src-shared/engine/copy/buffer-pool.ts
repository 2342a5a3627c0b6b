// A bounded pool of equal buffers: constant memory is a promise, so there is one place that hands it out and counts it.

export interface Lease {
  readonly bytes: Uint8Array
  release(): void
}

export interface BufferPool {
  /** Waits until a buffer is free. First come, first served. */
  acquire(): Promise<Lease>
  /** Lets one more buffer exist (another one is held by a device that hangs). */
  grow(): void
  /** Buffers made so far; never more than `limit` plus what was grown. */
  readonly made: number
}

export function bufferPool(limit: number, allocate: () => Uint8Array): BufferPool {
  const free: Uint8Array[] = []
  const queue: ((bytes: Uint8Array) => void)[] = []
  let allowed = limit
  let made = 0
  const lease = (bytes: Uint8Array): Lease => {
    let held = true
    return {
      bytes,
      release() {
        if (!held) return
        held = false
        const next = queue.shift()
        if (next) next(bytes)
        else free.push(bytes)
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
    get made() {
      return made
    },
  }
}
