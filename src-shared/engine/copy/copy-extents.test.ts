import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { inlineCodec as codec } from '#node/codec/block-codec.ts'
import { type Faults, withFaults } from '#testing/faults.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import { seededBytes } from '#testing/random.ts'
import { withRecording } from '#testing/recording.ts'
import type { BlockDevice } from '../ports.ts'
import { copyExtents } from './copy-extents.ts'

const KIB = 1024
const MIB = 1024 * KIB
const content = seededBytes(10 * MIB, 4)
const extents = [
  { offset: 0, length: 4 * KIB },
  { offset: MIB + 512, length: 5 * MIB + 700 },
]
const zeroes = [{ offset: 8 * MIB, length: MIB }]

const copy = (device: BlockDevice, signal?: AbortSignal) =>
  copyExtents({
    device,
    offset: MIB,
    extents,
    zeroes,
    async read(offset, target) {
      target.set(content.subarray(offset, offset + target.length))
    },
    codec,
    signal,
  })

const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex')

const garbage = () => {
  const disk = memoryDisk({ size: 12 * MIB })
  disk.pages.write(0, new Uint8Array(12 * MIB).fill(0xaa))
  return disk
}
const code = (expected: Parameters<typeof isEngineError>[1]) => (error: unknown) => isEngineError(error, expected)

test('extents arrive, zero ranges become zero, and everything between stays', async () => {
  const disk = garbage()
  const expected = Buffer.alloc(12 * MIB, 0xaa)
  for (const { offset, length } of extents) expected.set(content.subarray(offset, offset + length), MIB + offset)
  for (const { offset, length } of zeroes) expected.fill(0, MIB + offset, MIB + offset + length)
  const outcome = await copy(disk)
  assert.equal(Buffer.compare(disk.peek(0, disk.size), expected), 0)
  const written = 4 * KIB + 5 * MIB + 700
  const list = [
    [0, 4 * KIB],
    [MIB + 512, 4 * MIB],
    [5 * MIB + 512, MIB + 700],
  ].map(([offset, length]) => `${offset} ${length} ${sha256(content.subarray(offset, offset + length))}\n`)
  const digest = sha256(list.join(''))
  assert.deepEqual(outcome, {
    bytesWritten: written,
    bytesZeroed: MIB,
    bytesSkipped: 0,
    bytesReadBack: written + MIB,
    expectedSha256: digest,
    sha256: digest,
    writeMs: null,
    flushMs: null,
    readBackMs: null,
  })
})

test('zero ranges of a blank disk are left alone', async () => {
  const { device, count } = withRecording(memoryDisk({ size: 12 * MIB }))
  const outcome = await copy(device)
  assert.equal(outcome.bytesSkipped, MIB)
  assert.equal(count.zeroedBytes, 0)
})

test('a flipped bit in an extent, or in a range that should be zero, is found by reading back', async () => {
  await assert.rejects(copy(withFaults(garbage(), { corruptAt: 3 * MIB })), code('write.verify-failed'))
  const stale: BlockDevice = { ...garbage(), zero: async () => {} }
  await assert.rejects(copy(stale), code('write.verify-failed'))
})

test('a dying disk and a cancel end it with their code', async () => {
  const faults: Faults = { vanishAtWrite: 2 }
  await assert.rejects(copy(withFaults(garbage(), faults)), code('disk.lost'))
  const controller = new AbortController()
  const running = copy(withFaults(garbage(), { hold: new Promise(() => {}) }), controller.signal)
  controller.abort()
  await assert.rejects(running, code('job.cancelled'))
})
