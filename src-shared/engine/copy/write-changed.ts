// Changed mode (also: resume): reads what is there, believes a block only when its digest is the signed one, and writes
// only what differs, in steps of 4 KiB. A target that is equal already is not written at all.
import { throwIfAborted } from '#base/errors.ts'
import type { BlockReader } from './block-feed.ts'
import { blockCount, blockRange, differences } from './blocks.ts'
import type { BufferPool } from './buffer-pool.ts'
import { withLane } from './lane.ts'
import type { BlockCodec } from './ports.ts'
import { readBackBlocks, readFromDevice } from './read-back.ts'
import { flushTarget, invalidateHead, type TargetRun, timed, writeBody, writeHead } from './target.ts'

/** Throws like writeFull. Unchanged blocks count as read back: their bytes came from the device and were as signed. */
export async function writeChanged(
  run: TargetRun,
  reader: BlockReader,
  codec: BlockCodec,
  work: BufferPool,
  depth: number,
): Promise<void> {
  const changed: number[] = []
  let begun: Promise<Uint8Array> | null = null
  let done = 0

  /** Once, before the first write: keeps the head for later, then takes it off the disk. */
  const begin = (): Promise<Uint8Array> => {
    begun ??= (async () => {
      const head = codec.allocate(run.head)
      const first = await reader.read(0)
      if (first.bytes) head.set(first.bytes.subarray(0, run.head))
      first.release()
      await invalidateHead(run)
      return head
    })()
    return begun
  }

  async function update(index: number): Promise<void> {
    const range = blockRange(run.table, index)
    const lease = await work.acquire()
    try {
      const before = await readFromDevice(run, index, lease.bytes)
      const found = await codec.digest(before)
      run.counts.compared += range.length
      if (found === run.table.blocks[index]) {
        run.counts.skipped += range.length
        run.counts.readBack += range.length
        return
      }
      await begin()
      const block = await reader.read(index)
      try {
        changed.push(index)
        const after = block.bytes?.subarray(0, range.length) ?? codec.allocate(range.length)
        const parts = differences(before, after)
        for (const [offset, length] of parts) {
          await writeBody(run, range.offset + offset, after.subarray(offset, offset + length))
        }
        run.counts.skipped += range.length - parts.reduce((sum, part) => sum + part[1], 0)
      } finally {
        block.release()
      }
    } finally {
      lease.release()
      done += range.length
      run.progress('write', done)
    }
  }

  await timed(run, 'write', async () => {
    // Block 0 before the others: they may take away its head.
    await update(0)
    await withLane(depth, async (start) => {
      for (let index = 1; index < blockCount(run.table); index++) {
        throwIfAborted(run.signal)
        await start(() => update(index))
      }
    })
  })
  if (!begun) return
  const head = await (begun as Promise<Uint8Array>)
  await flushTarget(run)
  // Block 0 lost its head, whether it differed or not.
  if (!changed.includes(0) && run.head > 0) run.counts.readBack -= blockRange(run.table, 0).length
  const rest = changed.filter((index) => run.head === 0 || index !== 0).toSorted((a, b) => a - b)
  await readBackBlocks(run, rest, codec, work)
  if (run.head === 0) return
  await writeHead(run, head)
  await readBackBlocks(run, [0], codec, work)
}
