// The appliance's own disk: outside of the ranges that may be written, not one byte changes, whatever is asked for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import fc from '#testing/property.ts'
import { seededBytes } from '#testing/random.ts'
import { withRecording } from '#testing/recording.ts'
import { guardDevice } from './guard.ts'

const SIZE = 64 * 1024
const OPEN = [
  { offset: 4096, length: 8192 },
  { offset: 12288, length: 4096 },
  { offset: 40960, length: 4096 },
]

test('a write or zeroing passes only when one range holds all of it, else own.out-of-bounds before a byte moves', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: -512, max: SIZE + 512 }),
      fc.nat(20_000),
      fc.boolean(),
      async (offset, length, zero) => {
        const disk = memoryDisk({ size: SIZE })
        await disk.write(0, seededBytes(SIZE, 5))
        const before = disk.peek(0, SIZE)
        const { device, ops } = withRecording(disk)
        const guarded = guardDevice(device, OPEN)
        const inside = OPEN.some((each) => offset >= each.offset && offset + length <= each.offset + each.length)
        try {
          await (zero ? guarded.zero(offset, length) : guarded.write(offset, new Uint8Array(length).fill(7)))
          assert.ok(inside, `${offset} + ${length} was written`)
        } catch (error) {
          assert.ok(isEngineError(error, 'own.out-of-bounds'), String(error))
          assert.ok(!inside, `${offset} + ${length} was refused`)
          assert.equal(ops.length, 0)
        }
        const after = disk.peek(0, SIZE)
        for (let at = 0; at < SIZE; at += 512) {
          if (OPEN.some((each) => at >= each.offset && at < each.offset + each.length)) continue
          assert.ok(before.subarray(at, at + 512).every((byte, i) => byte === after[at + i]))
        }
      },
    ),
    { numRuns: 200 },
  )
})

test('numbers that are none are refused', async () => {
  const guarded = guardDevice(memoryDisk({ size: SIZE }), OPEN)
  for (const offset of [Number.NaN, 4096.5, Number.POSITIVE_INFINITY])
    await assert.rejects(guarded.write(offset, new Uint8Array(1)), { code: 'own.out-of-bounds' })
  await assert.rejects(guarded.zero(4096, -1), { code: 'own.out-of-bounds' })
})

test('reading, flushing and the identity pass through', async () => {
  const disk = memoryDisk({ size: SIZE })
  await disk.write(0, seededBytes(512, 1))
  const guarded = guardDevice(disk, [])
  const target = new Uint8Array(512)
  await guarded.read(0, target)
  assert.deepEqual(target, disk.peek(0, 512))
  await guarded.flush()
  assert.deepEqual(await guarded.identity(), await disk.identity())
  assert.equal(await guarded.knownZero(0, 512), false)
  assert.equal(await guardDevice(memoryDisk({ size: SIZE }), []).knownZero(0, SIZE), true)
})

test('the edges: whole ranges pass, one byte more on either side does not, nor does what spans two ranges', async () => {
  const guarded = guardDevice(memoryDisk({ size: SIZE }), OPEN)
  for (const { offset, length } of OPEN) {
    await guarded.write(offset, new Uint8Array(length))
    await guarded.zero(offset + length - 1, 1)
    await assert.rejects(guarded.write(offset, new Uint8Array(length + 1)), { code: 'own.out-of-bounds' })
    await assert.rejects(guarded.zero(offset - 1, 2), { code: 'own.out-of-bounds' })
  }
  await assert.rejects(guarded.write(4096, new Uint8Array(12288)), { code: 'own.out-of-bounds' })
})
