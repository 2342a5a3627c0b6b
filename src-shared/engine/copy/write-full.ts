// Full mode: every block of the image is written, long zero runs are made zero instead, and then everything is read back.
import { throwIfAborted } from '#base/errors.ts'
import type { AuthenticBlock, BlockFeed } from './block-feed.ts'
import { between, blockCount, blockRange, zeroesIn } from './blocks.ts'
import type { BufferPool } from './buffer-pool.ts'
import { startWith, withLane } from './lane.ts'
import type { BlockCodec } from './ports.ts'
import { readBackBlocks } from './read-back.ts'
import { flushTarget, invalidateHead, type TargetRun, timed, writeBody, writeHead } from './target.ts'

type Runs = readonly (readonly [number, number])[]

/** Shorter runs are cheaper to write as data, unless nothing needs to be done for them at all. */
const MIN_RUN = 1024 * 1024
const MIN_KNOWN_RUN = 64 * 1024
/** One request to the device; short enough for progress, long enough to pay for starting a tool. */
const ZERO_STEP = 256 * 1024 * 1024

/** Zero runs that are left out of the data. */
async function runsToZero(run: TargetRun): Promise<Runs> {
  const { table, device, offset } = run
  const smallest = (await device.knownZero(offset, table.size)) ? MIN_KNOWN_RUN : MIN_RUN
  return table.zeroRuns
    .map(([start, length]): [number, number] => {
      const from = Math.max(start, run.head)
      return [from, start + length - from]
    })
    .filter(([, length]) => length >= smallest)
}

async function zeroRuns(run: TargetRun, runs: Runs, done: (bytes: number) => void): Promise<void> {
  for (const [start, length] of runs) {
    for (let at = start; at < start + length; at += ZERO_STEP) {
      throwIfAborted(run.signal)
      const size = Math.min(ZERO_STEP, start + length - at)
      if (await run.device.knownZero(run.offset + at, size)) run.counts.skipped += size
      else {
        await run.device.zero(run.offset + at, size)
        run.counts.zeroed += size
      }
      done(size)
    }
  }
}

async function writeBlock(run: TargetRun, block: AuthenticBlock, runs: Runs, blank: () => Uint8Array): Promise<number> {
  const range = blockRange(run.table, block.index)
  const holes = zeroesIn(runs, range)
  let bytes = 0
  for (const [offset, length] of between(holes, range.length)) {
    const data = (block.bytes ?? blank()).subarray(offset, offset + length)
    await writeBody(run, range.offset + offset, data)
    bytes += length
  }
  return bytes
}

/** Throws what the feed throws (nothing of that block was written then), `write.verify-failed`, and what the device throws. */
export async function writeFull(
  run: TargetRun,
  feed: BlockFeed,
  codec: BlockCodec,
  work: BufferPool,
  depth: number,
): Promise<void> {
  const count = blockCount(run.table)
  const first = await feed.get(0)
  const head = codec.allocate(run.head)
  if (first.bytes) head.set(first.bytes.subarray(0, run.head))
  let blank: Uint8Array | null = null
  const blankBlock = (): Uint8Array => {
    blank ??= codec.allocate(run.table.blockSize)
    return blank
  }
  let done = 0
  const progress = (bytes: number): void => {
    done += bytes
    run.progress('write', done)
  }
  await timed(run, 'write', async () => {
    try {
      await invalidateHead(run)
    } catch (error) {
      first.release()
      throw error
    }
    const runs = await runsToZero(run)
    await withLane(depth + 1, async (start) => {
      await start(() => zeroRuns(run, runs, progress))
      for (let index = 0; index < count; index++) {
        throwIfAborted(run.signal)
        const block = index === 0 ? first : await feed.get(index)
        if (block.checksum !== null) run.checksums.set(index, block.checksum)
        await startWith(start, block, async () => progress(await writeBlock(run, block, runs, blankBlock)))
      }
    })
  })
  await flushTarget(run)
  const rest = Array.from({ length: count }, (_, index) => index)
  if (run.head > 0) rest.shift()
  await readBackBlocks(run, rest, codec, work)
  if (run.head === 0) return
  await writeHead(run, head)
  await readBackBlocks(run, [0], codec, work)
}
