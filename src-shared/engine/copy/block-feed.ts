// Hands authenticated blocks to one or several targets. One read, one decode, one hash for all of them, and a bounded
// window between the fastest and the slowest; who falls out of the window reads the source by itself from there on.
import type { ImageSource } from '../image-source.ts'
import { blockCount, blockRange } from './blocks.ts'
import { type BufferPool, codecPool, type Lease } from './buffer-pool.ts'
import type { BlockCodec, Pace } from './ports.ts'
import { checkBlock, isZeroBlock, readBlock, storedRoom } from './read-block.ts'

/** A block whose digest was the signed one; `bytes` is null when it is all zeroes. */
export interface AuthenticBlock {
  readonly index: number
  readonly bytes: Uint8Array | null
  /** CRC-32 of the block, when the reader was asked for it. */
  readonly checksum: number | null
  release(): void
}

export interface BlockFeed {
  /** Each index at most once, ascending. Throws what readBlock throws. */
  get(index: number): Promise<AuthenticBlock>
  /** No more blocks are wanted. */
  leave(): void
}

/** Reads blocks from the source; at most `ahead + 1` under way or waiting in `pool`. */
export interface BlockReader {
  read(index: number): Promise<AuthenticBlock>
  readonly plain: BufferPool
  readonly stored: BufferPool | null
  /** Gives back what nobody holds. */
  end(): void
}

/** `buffers`: how many plain blocks may be in memory. */
export function blockReader(source: ImageSource, codec: BlockCodec, buffers: number, checksums = false): BlockReader {
  const { blockSize } = source.table
  const plain = codecPool(codec, buffers, blockSize)
  const room = storedRoom(source)
  const stored = room > 0 ? codecPool(codec, Math.min(buffers, codec.parallel + 1), room) : null
  const zeroBlocks = new Map<number, Promise<{ digest: string; checksum: number }>>()
  const describe = async (zeroes: Uint8Array) => ({
    digest: await codec.digest(zeroes),
    checksum: await codec.checksum(zeroes),
  })
  async function zeroBlock(index: number): Promise<AuthenticBlock> {
    const { length } = blockRange(source.table, index)
    const known = zeroBlocks.get(length) ?? describe(codec.allocate(length))
    zeroBlocks.set(length, known)
    const { digest, checksum } = await known
    checkBlock(source, index, digest)
    return { index, bytes: null, checksum, release: () => {} }
  }
  async function read(index: number): Promise<AuthenticBlock> {
    if (isZeroBlock(source, index)) return zeroBlock(index)
    const lease = await plain.acquire()
    let input: Lease | null = null
    try {
      input = stored ? await stored.acquire() : null
      const bytes = await readBlock(source, index, codec, lease.bytes, input?.bytes)
      return { index, bytes, checksum: checksums ? await codec.checksum(bytes) : null, release: lease.release }
    } catch (error) {
      lease.release()
      throw error
    } finally {
      input?.release()
    }
  }
  const end = (): void => {
    plain.end()
    stored?.end()
  }
  return { read, plain, stored, end }
}

/** A feed of one target's own: reads up to `ahead` blocks before they are asked for. */
export function ownFeed(reader: BlockReader, count: number, ahead: number): BlockFeed {
  const started = new Map<number, Promise<AuthenticBlock>>()
  const start = (index: number): Promise<AuthenticBlock> => {
    const block = reader.read(index)
    // Rejections are seen when the block is asked for; before that they are nobody's.
    block.catch(() => {})
    started.set(index, block)
    return block
  }
  return {
    async get(index) {
      const block = started.get(index) ?? start(index)
      started.delete(index)
      for (let next = index + 1; next <= index + ahead && next < count; next++) if (!started.has(next)) start(next)
      return block
    },
    leave() {
      for (const block of started.values()) block.then((one) => one.release()).catch(() => {})
      started.clear()
      reader.end()
    },
  }
}

interface Entry {
  readonly block: Promise<AuthenticBlock>
  /** Targets that have yet to take and finish this block. */
  readonly wanted: Set<number>
  /** Targets that are writing it right now. */
  readonly holders: Set<number>
}

export interface SharedFeedOptions {
  readonly source: ImageSource
  readonly codec: BlockCodec
  readonly targets: number
  /** Blocks between the fastest and the slowest target. */
  readonly window: number
  /** How long, in all, the others wait for one slow target before it is left behind. */
  readonly patienceMs: number
  readonly pace?: Pace
  readonly onDetach?: (target: number) => void
}

export interface SharedFeeds {
  /** One for each target. */
  readonly feeds: readonly BlockFeed[]
  /** The window's buffers: free again when all blocks were taken. */
  readonly plain: BufferPool
}

/** One feed per target over one shared reader. See docs/adr/0009. */
export function sharedFeeds(options: SharedFeedOptions): SharedFeeds {
  const { source, codec, window, pace } = options
  const count = blockCount(source.table)
  const checksums = options.targets > 1
  const reader = blockReader(source, codec, window, checksums)
  const entries = new Map<number, Entry>()
  const attached = new Set(Array.from({ length: options.targets }, (_, target) => target))
  const own = new Map<number, BlockFeed>()
  const left = new Set<number>()
  const patience = new Array<number>(options.targets).fill(options.patienceMs)
  let next = 0
  let moved = Promise.withResolvers<void>()

  const announce = (): void => {
    moved.resolve()
    moved = Promise.withResolvers<void>()
  }
  const drop = (index: number, entry: Entry): void => {
    if (entry.wanted.size > 0) return
    entries.delete(index)
    if (entry.holders.size === 0) entry.block.then((block) => block.release()).catch(() => {})
    announce()
  }
  const forget = (target: number): void => {
    attached.delete(target)
    for (const [index, entry] of entries) if (entry.wanted.delete(target)) drop(index, entry)
  }
  const detach = (target: number): void => {
    // What the laggard still holds must not be missing from everybody else's window.
    for (const entry of entries.values()) if (entry.holders.has(target)) reader.plain.grow()
    forget(target)
    options.onDetach?.(target)
    announce()
  }
  const oldest = (): Entry | undefined => entries.get(Math.min(...entries.keys()))
  const produce = (): void => {
    const entry: Entry = { block: reader.read(next), wanted: new Set(attached), holders: new Set() }
    entry.block.catch(() => {})
    entries.set(next++, entry)
  }

  /** Waits until the window has room; whoever keeps it full loses patience, then its place. */
  async function makeRoom(target: number): Promise<void> {
    while (entries.size >= window && attached.has(target)) {
      const laggards = [...(oldest()?.wanted ?? [])]
      if (laggards.includes(target)) return moved.promise
      const left = Math.min(...laggards.map((one) => patience[one]))
      if (left <= 0) {
        for (const one of laggards) if (patience[one] <= 0) detach(one)
        continue
      }
      if (!pace) {
        for (const one of laggards) patience[one] = 0
        continue
      }
      const begun = pace.now()
      await Promise.race([moved.promise, pace.sleep(left)])
      for (const one of laggards) patience[one] -= pace.now() - begun
    }
  }

  async function take(target: number, index: number): Promise<AuthenticBlock> {
    while (index >= next && attached.has(target)) {
      if (entries.size >= window) await makeRoom(target)
      else produce()
    }
    while (next < count && entries.size < window) produce()
    const entry = entries.get(index)
    if (!entry || !attached.has(target)) return ownOf(target).get(index)
    entry.holders.add(target)
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      entry.holders.delete(target)
      if (entry.wanted.delete(target)) drop(index, entry)
      else if (entry.holders.size === 0 && !entries.has(index)) {
        entry.block.then((block) => block.release()).catch(() => {})
      }
      announce()
    }
    try {
      const block = await entry.block
      return { ...block, release }
    } catch (error) {
      release()
      throw error
    }
  }
  const ownOf = (target: number): BlockFeed => {
    const feed = own.get(target) ?? ownFeed(blockReader(source, codec, 2, checksums), count, 1)
    own.set(target, feed)
    return feed
  }

  const feedOf = (target: number): BlockFeed => ({
    get: (index: number) => (attached.has(target) ? take(target, index) : ownOf(target).get(index)),
    leave() {
      forget(target)
      own.get(target)?.leave()
      left.add(target)
      if (left.size === options.targets) reader.end()
    },
  })
  return { feeds: Array.from({ length: options.targets }, (_, target) => feedOf(target)), plain: reader.plain }
}
