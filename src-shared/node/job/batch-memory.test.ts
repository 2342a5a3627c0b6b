// Memory of a batch grows by little with each unit: a child process copies an image that exists only as a rule to one and to
// eight units, by the same shared reading as a batch of jobs.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { writeImage } from '#engine/copy/copy-image.ts'
import { sharedReading } from '#engine/copy/shared-reading.ts'
import type { ImageSource } from '#engine/image-source.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import { openBlockCodec, nodePace as pace } from '../codec/block-codec.ts'
import { runTool } from '../os/run-tool.ts'

const MIB = 1024 * 1024
const BLOCK = 4 * MIB
const SIZE = 160 * MIB
/** Promised for each unit more. */
const EACH = 16

async function fill(_offset: number, target: Uint8Array): Promise<void> {
  target.fill(7)
}
const digest = createHash('sha256').update(Buffer.alloc(BLOCK, 7)).digest('hex')
const source: ImageSource = {
  table: { size: SIZE, sha256: 'not used', blockSize: BLOCK, blocks: Array(SIZE / BLOCK).fill(digest), zeroRuns: [] },
  bytes: { name: 'imagined', size: SIZE, read: fill, async [Symbol.asyncDispose]() {} },
  compression: 'none',
  packed: false,
  stored: (index) => ({ offset: index * BLOCK, length: BLOCK }),
}

async function copyTo(units: number): Promise<void> {
  await using codec = openBlockCodec()
  const shared = sharedReading({ source, codec, pace })
  const readings = Array.from({ length: units }, () => shared.join())
  const copies = readings.map(async (reading) => {
    const device = { ...memoryDisk({ size: SIZE }), read: fill, write: async () => {}, zero: async () => {} }
    const target = { device, offset: 0, length: SIZE }
    // Both slots, one after the other.
    for (let slot = 0; slot < 2; slot++)
      await writeImage({ source, target, mode: 'full', codec, pace, feed: reading.feed() })
    reading.leave()
  })
  await Promise.all(copies)
}

const [mode, units] = process.argv.slice(2)
if (mode === 'copy') {
  await copyTo(Number(units))
  console.log(process.resourceUsage().maxRSS)
} else {
  test(`each further unit of a batch takes at most ${EACH} MiB of memory`, async (t) => {
    const peak = async (count: number) => {
      const args = [fileURLToPath(import.meta.url), 'copy', String(count)]
      const { stdout, stderr } = await runTool(process.execPath, args, { timeoutMs: 120_000 })
      assert.ok(Number(stdout) > 0, stderr)
      return Number(stdout) / 1024
    }
    // When the collector runs is chance: the smaller of two.
    const one = await peak(1)
    const eight = Math.min(await peak(8), await peak(8))
    const each = (eight - one) / 7
    t.diagnostic(`1 unit: ${one.toFixed(0)} MiB, 8 units: ${eight.toFixed(0)} MiB, ${each.toFixed(1)} MiB each`)
    assert.ok(each <= EACH, `${each} MiB`)
  })
}
