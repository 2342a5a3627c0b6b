// Memory does not depend on the size of the image: a child process copies a small and a large one, which exist only as a
// rule (each block is filled with a number), so that no disk space is needed.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { writeImage } from '#engine/copy/copy-image.ts'
import type { ImageSource } from '#engine/image-source.ts'
import type { BlockDevice } from '#engine/ports.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import { openBlockCodec } from '../codec/block-codec.ts'
import { runTool } from '../os/run-tool.ts'

const MIB = 1024 * 1024
const BLOCK = 4 * MIB
const value = (offset: number) => 1 + (Math.floor(offset / BLOCK) % 50)

function imagined(size: number): { source: ImageSource; device: BlockDevice } {
  const fill = async (offset: number, target: Uint8Array) => {
    for (let done = 0; done < target.length; ) {
      const take = Math.min(target.length - done, BLOCK - ((offset + done) % BLOCK))
      target.fill(value(offset + done), done, done + take)
      done += take
    }
  }
  const digests = Array.from({ length: 50 }, (_, i) =>
    createHash('sha256')
      .update(Buffer.alloc(BLOCK, i + 1))
      .digest('hex'),
  )
  const blocks = Array.from({ length: size / BLOCK }, (_, i) => digests[i % 50])
  const table = { size, sha256: 'not used', blockSize: BLOCK, blocks, zeroRuns: [] }
  return {
    source: {
      table,
      bytes: { name: 'imagined', size, read: fill, async [Symbol.asyncDispose]() {} },
      compression: 'none',
      packed: false,
      stored: (index) => ({ offset: index * BLOCK, length: BLOCK }),
    },
    device: { ...memoryDisk({ size }), read: fill, write: async () => {}, zero: async () => {} },
  }
}

const [mode, size] = process.argv.slice(2)
if (mode === 'copy') {
  const { source, device } = imagined(Number(size))
  await using codec = openBlockCodec()
  await writeImage({ source, target: { device, offset: 0, length: Number(size) }, mode: 'full', codec })
  console.log(process.resourceUsage().maxRSS)
} else {
  test('copying ten times as much takes no more memory', async (t) => {
    const peak = async (bytes: number) => {
      const args = [fileURLToPath(import.meta.url), 'copy', String(bytes)]
      const { stdout, stderr } = await runTool(process.execPath, args, { timeoutMs: 120_000 })
      assert.ok(Number(stdout) > 0, stderr)
      return Number(stdout) / 1024
    }
    const small = await peak(80 * MIB)
    // The smaller of two: when the collector runs is chance, what the copy needs is not.
    const large = Math.min(await peak(800 * MIB), await peak(800 * MIB))
    t.diagnostic(`80 MiB: ${small.toFixed(0)} MiB resident, 800 MiB: ${large.toFixed(0)} MiB resident`)
    // Growth with the image would be hundreds of MiB; garbage collection alone moves the peak by some tens.
    assert.ok(large < small + 64, `${large} MiB against ${small} MiB`)
  })
}
