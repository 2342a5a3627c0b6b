// A disk that claims more room than it has: what is written far behind lands on what was written, and read back, before. No job
// on one may end well, and the partition table is never written.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import type { Extent } from '#model/observation.ts'
import type { ProvisionRequest } from '#model/plan.ts'
import type { Slot } from '#model/slot.ts'
import { sealPlan } from '#plan/plan-id.ts'
import { provisionRequest } from '#testing/builders.ts'
import { type Faults, withFaults } from '#testing/faults.ts'
import { type MemoryDisk, memoryDisk } from '#testing/memory-disk.ts'
import fc from '#testing/property.ts'
import { seededBytes } from '#testing/random.ts'
import { failureOf, jobOn, planOn, SMALL_LAYOUT, sightOf, smallRelease } from '#testing/small-job.ts'
import { runPlan } from '../run-plan.ts'
import type { MadeFilesystem } from './context.ts'

const release = smallRelease(1)
const ESP_END = 37 * MIB

interface Disk {
  readonly slotMiB: number
  readonly dataMiB: number
  /** Bytes behind the last whole MiB. */
  readonly tail?: number
  readonly slots?: readonly Slot[]
}

const sizeOf = ({ slotMiB, dataMiB, tail = MIB }: Disk): number => ESP_END + (2 * slotMiB + dataMiB) * MIB + tail

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

async function provision(disk: Disk, faults: Faults, extents: readonly Extent[] = []) {
  const inner: MemoryDisk = memoryDisk({ size: sizeOf(disk), path: '/dev/sdb', serial: 'FORGED1' })
  const device = withFaults(inner, faults)
  const plan = await planOn(device, requestOf(disk), release)
  return { inner, device, plan, job: jobOn(device, release, { makeFilesystem: filesystem(extents) }) }
}

// 1 MiB free, 36 ESP, 2 each for A and B, 48 data, 1 free: 90 in all.
const DISK: Disk = { slotMiB: 2, dataMiB: 48 }
const LAST = 89 * MIB

const forged = fc
  .record({
    slotMiB: fc.integer({ min: 1, max: 3 }),
    dataMiB: fc.integer({ min: 8, max: 40 }),
    tail: fc.constantFrom(33 * 512, 300 * 512, MIB),
    slots: fc.constantFrom<readonly Slot[]>(['A'], ['B'], ['A', 'B']),
  })
  .chain((disk) =>
    fc.record({
      disk: fc.constant(disk),
      realSize: fc.oneof(
        fc.integer({ min: 34 * 2048, max: sizeOf(disk) / 512 - 1 }).map((sectors) => sectors * 512),
        fc.integer({ min: 34, max: Math.ceil(sizeOf(disk) / MIB) - 1 }).map((mib) => mib * MIB),
      ),
      extents: fc
        .uniqueArray(fc.integer({ min: 0, max: disk.dataMiB - 1 }), { maxLength: 4 })
        .map((places) => places.sort((a, b) => a - b).map((place) => ({ offset: place * MIB, length: 65536 }))),
    }),
  )

test('whatever the real size of a disk, it is refused before its first content, and has no partition table', async () => {
  await fc.assert(
    fc.asyncProperty(forged, async ({ disk, realSize, extents }) => {
      const { inner, plan, job } = await provision(disk, { realSize }, extents)
      const failed = await failureOf(plan, job)
      assert.equal(failed.code, 'write.lost-afterwards', failed.message)
      const begun = job.events.flatMap((event) => (event.type === 'step-started' ? [event.step] : []))
      assert.deepEqual(begun, [1, 2])
      assert.equal((await sightOf(inner)).table, null)
    }),
    { numRuns: 60 },
  )
})

test('a disk that answers right at first and loses its end later is refused before the partition table', async () => {
  const faults: Faults = {}
  const far = { offset: 30 * MIB + 4096, length: 65536 }
  const { inner, device, plan, job } = await provision(DISK, faults, [far])
  const at = plan.steps.findIndex(({ type }) => type === 'make-filesystem')
  const emit: typeof job.emit = (event) => {
    job.emit(event)
    if (event.type === 'step-started' && event.step === at + 1) faults.realSize = 44 * MIB
  }
  const failed = await failureOf(plan, { ...job, device, emit })
  assert.equal(failed.code, 'write.lost-afterwards', failed.message)
  assert.equal(failed.during, 'Read the marks once more: they must not have changed while the rest was written')
  assert.equal((await sightOf(inner)).table, null)
})

test('on an honest disk the marks are read twice; both ends are zero for the table, and no slot is read again', async () => {
  const { inner, device, plan, job } = await provision({ ...DISK, slots: ['A', 'B'] }, {})
  const at = plan.steps.findIndex(({ type }) => type === 'check-disk')
  const seen: Uint8Array[] = []
  const emit: typeof job.emit = (event) => {
    job.emit(event)
    if (event.type === 'step-done' && event.step === at + 1) seen.push(inner.peek(0, MIB), inner.peek(LAST, MIB))
  }
  const report = await runPlan(plan, { ...job, device, emit })
  const [probe, check] = [report.steps[1].evidence, report.steps[at].evidence]
  assert.equal(probe.bytesWritten, probe.bytesReadBack)
  assert.ok(Number(check.bytesReadBack) > 0 && Number(check.bytesReadBack) < Number(probe.bytesReadBack))
  assert.deepEqual([probe.uncached, check.uncached], [true, true])
  assert.deepEqual(
    seen.map((bytes) => bytes.every((byte) => byte === 0)),
    [true, true],
  )
})

test('an image file is as if no marks had been on it', async () => {
  const { inner, plan, job } = await provision(DISK, {})
  const steps = plan.steps.map((step) => (step.type === 'check-disk' ? { ...step, marksStay: false } : step))
  const { id: _id, ...rest } = plan
  await runPlan(sealPlan({ ...rest, steps }), job)
  const free = inner.peek(46 * MIB, 43 * MIB)
  assert.ok(free.every((byte) => byte === 0))
})

test('a step on the marks can be cancelled, and the same command does the job again', async () => {
  for (const type of ['probe-disk', 'check-disk'] as const) {
    const { inner, plan, job } = await provision({ ...DISK, slots: ['A', 'B'] }, {})
    const stop = new AbortController()
    const at = plan.steps.findIndex((step) => step.type === type)
    const emit: typeof job.emit = (event) => {
      if (event.type === 'progress' && event.step === at + 1) stop.abort()
    }
    const failed = await failureOf(plan, { ...job, emit, signal: stop.signal })
    assert.deepEqual([failed.code, failed.report.steps.length], ['job.cancelled', at])
    assert.ok(isEngineError(failed.cause))
    assert.equal((await sightOf(inner)).table, null)
    const again = await planOn(inner, requestOf({ ...DISK, slots: ['A', 'B'] }), release)
    const report = await runPlan(again, job)
    assert.deepEqual([report.outcome, report.resumed], ['done', true])
  }
})
