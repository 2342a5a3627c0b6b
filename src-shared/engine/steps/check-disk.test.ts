// A disk that claims more room than it has: what is written far behind lands on what was written, and read back, before.
// The last look before the partition table must see it, wherever it lands.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import type { Extent } from '#model/observation.ts'
import type { ProvisionRequest } from '#model/plan.ts'
import type { Slot } from '#model/slot.ts'
import { provisionRequest } from '#testing/builders.ts'
import { withFaults } from '#testing/faults.ts'
import { plainSource } from '#testing/image-fixture.ts'
import { type MemoryDisk, memoryDisk } from '#testing/memory-disk.ts'
import fc from '#testing/property.ts'
import { seededBytes } from '#testing/random.ts'
import { failureOf, jobOn, planOn, SMALL_LAYOUT, type SmallRelease, sightOf, smallRelease } from '#testing/small-job.ts'
import { JobFailed, runPlan } from '../run-plan.ts'
import type { MadeFilesystem } from './context.ts'

const noise = smallRelease(1)
const ESP_END = 37 * MIB

/** The boot files of a small release with another system image. */
function releaseOf(bytes: Uint8Array): SmallRelease {
  const system = plainSource(bytes)
  const { size, sha256 } = system.table
  const images: SmallRelease['images'] = { image: (role) => (role === 'system' ? system : noise.images.image('esp')) }
  return { bytes, images, facts: { ...noise.facts, system: { size, sha256 } } }
}

interface Disk {
  readonly slotMiB: number
  readonly dataMiB: number
  /** Bytes behind the last whole MiB. */
  readonly tail?: number
  readonly slots?: readonly Slot[]
}

const sizeOf = ({ slotMiB, dataMiB, tail = MIB }: Disk): number => ESP_END + (2 * slotMiB + dataMiB) * MIB + tail
const offsetOf = (slot: Slot, { slotMiB }: Disk): number => ESP_END + (slot === 'A' ? 0 : slotMiB * MIB)

function requestOf({ slotMiB, slots = ['A'] }: Disk): ProvisionRequest {
  const partitions = SMALL_LAYOUT.partitions.map((part) => {
    if (part.role === 'data') return { ...part, minimum: 8 * MIB, filesystem: 'ext4' as const, label: 'DATA' }
    return part.role === 'esp' ? part : { ...part, size: slotMiB * MIB }
  })
  return provisionRequest({ layout: { ...SMALL_LAYOUT, partitions }, slots })
}

/** Instead of a real file system: noise at these places of the data partition. */
const filesystem = (extents: readonly Extent[]) => async (): Promise<MadeFilesystem> => ({
  extents,
  zeroes: [],
  read: async (offset, target) => target.set(seededBytes(target.length, offset + 7)),
  async [Symbol.asyncDispose]() {},
})

/** Provisions a disk of which only the first `realSize` bytes exist. */
async function provision(disk: Disk, realSize: number, release = noise, extents: readonly Extent[] = []) {
  const inner: MemoryDisk = memoryDisk({ size: sizeOf(disk), path: '/dev/sdb', serial: 'FORGED1' })
  const device = withFaults(inner, { realSize })
  const plan = await planOn(device, requestOf(disk), release)
  return { inner, device, plan, job: jobOn(device, release, { makeFilesystem: filesystem(extents) }) }
}

/** The failure of such a job, which must not have got to the partition table. */
async function lossOf(...how: Parameters<typeof provision>) {
  const { inner, plan, job } = await provision(...how)
  const failed = await failureOf(plan, job)
  assert.equal(failed.code, 'write.lost-afterwards', failed.message)
  assert.ok(isEngineError(failed.cause))
  assert.equal((await sightOf(inner)).table, null, 'no partition table')
  assert.deepEqual(
    job.events.flatMap((event) => (event.type === 'step-started' ? [event.step] : [])).at(-1),
    plan.steps.length - 1,
  )
  return failed.cause.details
}

// 1 MiB free, 36 ESP, 2 each for A and B, 48 data, 1 free: 90 in all.
const DISK: Disk = { slotMiB: 2, dataMiB: 48 }
const LAST = 89 * MIB
/** Where in the data partition something must be written to come out at `place` of a disk of `realSize`. */
const behind = (place: number, realSize: number): number => place + realSize - (offsetOf('B', DISK) + 2 * MIB)

test('a file system far behind that lands on slot A after its read-back is seen: write.lost-afterwards', async () => {
  const hit = { offset: behind(offsetOf('A', DISK) + 65536, 48 * MIB), length: 4096 }
  const { place, expected, found } = await lossOf(DISK, 48 * MIB, noise, [hit])
  assert.equal(place, 'slot A')
  assert.equal(expected, noise.facts.system?.sha256)
  assert.match(String(found), /^[0-9a-f]{64}$/)
})

test('of two slots, the second one is read again as well', async () => {
  const hit = { offset: behind(offsetOf('B', DISK), 48 * MIB), length: 4096 }
  const { place } = await lossOf({ ...DISK, slots: ['A', 'B'] }, 48 * MIB, noise, [hit])
  assert.equal(place, 'slot B')
})

test('boot files that land on slot A are seen', async () => {
  assert.equal((await lossOf(DISK, 36 * MIB)).place, 'slot A')
})

test('a slot, or a file system, that shows in the last MiB of the disk is seen before the backup table replaces it', async () => {
  const slot = await lossOf(DISK, LAST - offsetOf('A', DISK))
  assert.deepEqual([slot.place, slot.expected], [`the free space at byte ${LAST}`, 'zeroes'])
  const made = await lossOf(DISK, LAST - 50 * MIB, noise, [{ offset: 9 * MIB, length: 4096 }])
  assert.deepEqual([made.place, made.expected], [`the free space at byte ${LAST}`, 'zeroes'])
})

test('a last MiB in the midst of zeroes of slot A is seen, too: the backup table would have been written there', async () => {
  const halfZero = new Uint8Array(2 * MIB)
  halfZero.set(seededBytes(MIB, 5))
  assert.equal((await lossOf(DISK, LAST - offsetOf('A', DISK) - MIB, releaseOf(halfZero))).place, 'slot A')
})

test('a last MiB that is the first one is seen: one table would replace the other', async () => {
  const { place, expected } = await lossOf(DISK, LAST)
  assert.deepEqual([place, expected], ['the free space at byte 0', 'the mark of this job'])
})

test('on an honest disk both slots are read once more, with progress over both; the free space is zero again', async () => {
  const { inner, device, plan, job } = await provision({ ...DISK, slots: ['A', 'B'] }, sizeOf(DISK))
  const at = plan.steps.findIndex(({ type }) => type === 'check-disk')
  const seen: Uint8Array[] = []
  const emit: typeof job.emit = (event) => {
    job.emit(event)
    if (event.type === 'step-done' && event.step === at + 1) seen.push(inner.peek(0, MIB), inner.peek(LAST, MIB))
  }
  const report = await runPlan(plan, { ...job, device, emit })
  const { size, sha256 } = noise.facts.system ?? { size: 0, sha256: '' }
  const { readBackMs, ...evidence } = report.steps[at].evidence
  assert.deepEqual(evidence, { sha256A: sha256, sha256B: sha256, bytesReadBack: 2 * size, uncached: true })
  assert.equal(typeof readBackMs, 'number')
  const told = job.events.flatMap((event) =>
    event.type === 'progress' && event.step === at + 1 ? [[event.phase, event.doneBytes, event.totalBytes]] : [],
  )
  assert.deepEqual(told, [
    ['read-back', size, 2 * size],
    ['read-back', 2 * size, 2 * size],
  ])
  assert.deepEqual(
    seen.map((bytes) => bytes.every((byte) => byte === 0)),
    [true, true],
  )
})

test('it can be cancelled between two reads, and is done again with the same command', async () => {
  const { inner, plan, job } = await provision({ ...DISK, slots: ['A', 'B'] }, sizeOf(DISK))
  const stop = new AbortController()
  const at = plan.steps.findIndex(({ type }) => type === 'check-disk')
  const emit: typeof job.emit = (event) => {
    if (event.type === 'progress' && event.step === at + 1) stop.abort()
  }
  const failed = await failureOf(plan, { ...job, emit, signal: stop.signal })
  assert.deepEqual([failed.code, failed.report.steps.length], ['job.cancelled', at])
  const seen = await sightOf(inner)
  assert.deepEqual([seen.table, seen.content], [null, 'unknown'])
  const again = await planOn(inner, requestOf({ ...DISK, slots: ['A', 'B'] }), noise)
  const report = await runPlan(again, job)
  assert.deepEqual([report.outcome, report.resumed], ['done', true])
})

/** Pieces of 64 KiB, of noise or of zeroes. */
const imageOf = (pieces: readonly boolean[]): Uint8Array => {
  const bytes = new Uint8Array(pieces.length * 65536)
  for (const [index, full] of pieces.entries()) if (full) bytes.set(seededBytes(65536, index + 1), index * 65536)
  return bytes
}

const forged = fc
  .record({
    slotMiB: fc.integer({ min: 1, max: 3 }),
    dataMiB: fc.integer({ min: 8, max: 40 }),
    tail: fc.constantFrom(33 * 512, 300 * 512, MIB),
    slots: fc.constantFrom<readonly Slot[]>(['A'], ['B'], ['A', 'B']),
    pieces: fc.array(fc.boolean(), { minLength: 1, maxLength: 16 }),
  })
  .chain((disk) =>
    fc.record({
      disk: fc.constant(disk),
      realSize: fc.oneof(
        fc.integer({ min: 1, max: sizeOf(disk) / 512 - 1 }).map((sectors) => sectors * 512),
        fc.integer({ min: 34, max: Math.ceil(sizeOf(disk) / MIB) - 1 }).map((mib) => mib * MIB),
      ),
      extents: fc
        .uniqueArray(fc.integer({ min: 0, max: disk.dataMiB - 1 }), { maxLength: 4 })
        .map((places) => places.sort((a, b) => a - b).map((place) => ({ offset: place * MIB, length: 65536 }))),
    }),
  )

test('whatever the real size of a disk, and whatever lies where: a job that ends well leaves every slot as signed', async () => {
  let ended = 0
  await fc.assert(
    fc.asyncProperty(forged, async ({ disk, realSize, extents }) => {
      const bytes = imageOf(disk.pieces)
      const { device, plan, job } = await provision(disk, realSize, releaseOf(bytes), extents)
      try {
        await runPlan(plan, job)
      } catch (error) {
        if (!(error instanceof JobFailed) || !isEngineError(error.cause)) throw error
        assert.ok(['write.verify-failed', 'write.lost-afterwards'].includes(error.cause.code), error.cause.code)
        return
      }
      ended++
      for (const slot of disk.slots) {
        const found = new Uint8Array(bytes.length)
        await device.read(offsetOf(slot, disk), found)
        assert.equal(Buffer.compare(found, bytes), 0, `slot ${slot}`)
      }
    }),
    { numRuns: 60 },
  )
  assert.ok(ended > 0, 'some of these disks can be used as far as they were written')
})
