import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError, isEngineError } from '#base/errors.ts'
import { noise } from '#e2e/cli/bench-room.ts'
import { writeImage } from '#engine/copy/copy-image.ts'
import type { BlockDevice } from '#engine/ports.ts'
import { JobFailed, type Report } from '#engine/run-plan.ts'
import type { Plan } from '#model/plan.ts'
import { inlineCodec } from '#node/codec/block-codec.ts'
import { buildRelease, flashRequest, AT as TIME } from '#testing/builders.ts'
import { type Faults, withFaults } from '#testing/faults.ts'
import { plainSource } from '#testing/image-fixture.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import fc from '#testing/property.ts'
import { causeOf } from '../jobs/diagnosis.ts'
import { problemOf } from '../problem.ts'
import { compareBlocks, examine, withMismatch } from './mismatch.ts'

const MIB = 1024 * 1024
const SLOT = MIB
const image = noise('mismatch', 3 * MIB)
const source = plainSource(image)
const { signal } = new AbortController()

/** Writes the image to a disk with these faults; the disk and the error of its reading back. */
async function failingDisk(faults: Faults): Promise<{ disk: BlockDevice; error: EngineError }> {
  const disk = withFaults(memoryDisk({ size: 8 * MIB }), faults)
  try {
    const target = { device: disk, offset: SLOT, length: 4 * MIB }
    await writeImage({ source, target, mode: 'full', codec: inlineCodec })
  } catch (error) {
    if (isEngineError(error, 'write.verify-failed')) return { disk, error }
    throw error
  }
  throw new Error('the disk did not fail')
}

const plan: Plan = {
  id: 'p',
  request: flashRequest(),
  disk: { path: 'memory:0', model: null, serial: null, wwn: null, size: 8 * MIB, busPath: 'x', sectorSize: 512 },
  release: buildRelease(),
  boot: null,
  erased: [],
  kept: [],
  steps: [
    {
      type: 'write-image',
      slot: 'A',
      at: { offset: SLOT, length: 4 * MIB },
      size: image.length,
      sha256: source.table.sha256,
      changedOnly: false,
    },
  ],
}

function failed(cause: unknown): JobFailed {
  const report: Report = {
    schema: 'twinslot-report/1',
    outcome: 'failed',
    job: 'job',
    plan,
    startedAt: TIME,
    endedAt: TIME,
    resumed: false,
    steps: [],
    account: { bytesWritten: 1, bytesZeroed: 0, bytesRead: 1, flushes: 1, touched: true },
    boot: null,
    error: null,
  }
  return new JobFailed(report, cause, 'Write slot A')
}

const looked = (error: unknown, disk: BlockDevice) =>
  withMismatch(error, {
    plan,
    source,
    codec: inlineCodec,
    signal,
    open: async () => ({ device: disk, [Symbol.asyncDispose]: async () => {} }),
  })

async function detailsOf(faults: Faults) {
  const { disk, error } = await failingDisk(faults)
  const result = await looked(failed(error), disk)
  assert.ok(result instanceof JobFailed && isEngineError(result.cause, 'write.verify-failed'))
  assert.equal(result.during, 'Write slot A')
  return { cause: result.cause, details: result.cause.details }
}

test('a stick that wraps round gives back another part of the image: its capacity is fake', async () => {
  for (const realSize of [2 * MIB, 2 * MIB + 512]) {
    const { cause, details } = await detailsOf({ realSize })
    assert.equal(details.pattern, 'elsewhere')
    const { elsewhere, offset } = details
    assert.ok(typeof elsewhere === 'number' && typeof offset === 'number')
    // One turn of the wrap lies between where it was read and where it belongs.
    assert.ok(Math.abs(SLOT + elsewhere - offset) < image.length && (SLOT + elsewhere) % 512 === 0)
    assert.deepEqual(causeOf(problemOf(cause)), ['fake-capacity', 'probable'])
  }
})

test('one flipped bit is told as one, and is no fake capacity', async () => {
  const { cause, details } = await detailsOf({ corruptAt: SLOT + 2 * MIB + 77 })
  assert.deepEqual([details.pattern, details.differingBits, details.differingBytes], ['bit-flips', 1, 1])
  assert.equal(details.elsewhere, undefined)
  assert.deepEqual(causeOf(problemOf(cause)), ['worn-out', 'probable'])
})

test('writes that were lost, an erased flash, and a second reading that is right are told apart', async () => {
  const { disk, error } = await failingDisk({ corruptAt: SLOT + 2 * MIB })
  const { offset, length } = error.details
  assert.ok(typeof offset === 'number' && typeof length === 'number')
  const place = { slotOffset: SLOT, offset, length }
  const patternWith = async (fill: number | Uint8Array) => {
    const device: BlockDevice = {
      ...disk,
      read: async (_at, target) => void (typeof fill === 'number' ? target.fill(fill) : target.set(fill)),
    }
    return (await examine(device, place, source, inlineCodec, signal)).pattern
  }
  const right = image.subarray(offset - SLOT, offset - SLOT + length)
  assert.equal(await patternWith(0), 'zeroes')
  assert.equal(await patternWith(0xff), 'ones')
  assert.equal(await patternWith(right), 'equal-now')
  assert.equal(await patternWith(noise('something else', length)), 'other')
})

test('what two blocks differ in is counted truly', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 600, maxLength: 2000 }),
      fc.array(fc.nat(4000), { maxLength: 9 }),
      (a, at) => {
        const b = Uint8Array.from(a)
        const flipped = new Set(at.map((bit) => bit % (a.length * 8)))
        for (const bit of flipped) b[bit >> 3] ^= 1 << (bit & 7)
        const found = compareBlocks(a, b)
        assert.equal(found.bits, flipped.size)
        assert.equal(found.bytes, new Set([...flipped].map((bit) => bit >> 3)).size)
        assert.equal(found.pattern === 'equal-now', flipped.size === 0)
      },
    ),
    { numRuns: 200 },
  )
})

test('any other failure, one outside of an image, and a disk that is gone stay what they were', async () => {
  const { disk, error } = await failingDisk({ corruptAt: SLOT + 2 * MIB })
  const others = [
    new Error('x'),
    failed(new EngineError('disk.lost')),
    failed(new EngineError('write.verify-failed', { offset: 7 * MIB, length: 512, expected: 'a', found: 'b' })),
    failed(new EngineError('write.verify-failed', { offset: 0, expected: 'zeroes', found: 'other bytes' })),
  ]
  for (const other of others) assert.equal(await looked(other, disk), other)
  const first = failed(error)
  assert.equal(await looked(first, withFaults(disk, { vanished: true })), first)
})
