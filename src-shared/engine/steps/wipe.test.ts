// The wipe writes only where something is: a blank disk is read and left alone, on a used one every place is zero afterwards.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '#base/bytes.ts'
import type { Plan } from '#model/plan.ts'
import { provisionRequest } from '#testing/builders.ts'
import { withFaults } from '#testing/faults.ts'
import type { MemoryDisk } from '#testing/memory-disk.ts'
import { withRecording } from '#testing/recording.ts'
import { failureOf, jobOn, planOn, SMALL_LAYOUT, smallDisk, smallRelease } from '#testing/small-job.ts'
import { runPlan } from '../run-plan.ts'

const release = smallRelease(1)
const request = provisionRequest({ layout: SMALL_LAYOUT })

function places({ steps: [wipe] }: Plan) {
  assert.ok(wipe.type === 'wipe')
  return [...wipe.tables, ...wipe.signatures]
}
const zeroAt = (disk: MemoryDisk, plan: Plan) =>
  places(plan).every(({ offset, length }) => disk.peek(offset, length).every((byte) => byte === 0))

/** Runs the plan and counts what the first step did. */
async function wiped(disk: MemoryDisk, plan: Plan) {
  const { device, ops } = withRecording(disk)
  const job = jobOn(device, release)
  let done: { readonly zeroes: number; readonly flushes: number; readonly clean: boolean } | null = null
  const emit: typeof job.emit = (event) => {
    if (event.type !== 'step-done' || done) return
    const count = (kind: string) => ops.filter((op) => op.kind === kind).length
    assert.equal(count('write'), 0)
    done = { zeroes: count('zero'), flushes: count('flush'), clean: zeroAt(disk, plan) }
  }
  const report = await runPlan(plan, { ...job, emit })
  return { done, evidence: report.steps[0].evidence }
}

test('on a blank disk nothing is zeroed', async () => {
  const disk = smallDisk()
  const { done, evidence } = await wiped(disk, await planOn(disk, request, release))
  assert.deepEqual(done, { zeroes: 0, flushes: 2, clean: true })
  assert.deepEqual(evidence, { bytesZeroed: 0 })
})

test('on a used disk each place that holds something is zeroed, also where that is its last byte', async () => {
  const disk = smallDisk()
  const all = places(await planOn(disk, request, release))
  const { offset, length } = all[all.length - 1]
  await disk.write(offset + length - 1, Uint8Array.of(7))
  await disk.write(512, Uint8Array.of(7))
  const plan = await planOn(disk, request, release)
  const { done, evidence } = await wiped(disk, plan)
  // Of places that overlap the first one is enough.
  const holder = (at: number) => places(plan).find((place) => at >= place.offset && at < place.offset + place.length)
  const used = [holder(512), holder(offset + length - 1)].filter((place) => place !== undefined)
  assert.deepEqual(done, { zeroes: used.length, flushes: 2, clean: true })
  assert.deepEqual(evidence, { bytesZeroed: used.reduce((sum, place) => sum + place.length, 0) })
  assert.ok(used.length < places(plan).length)
})

test('what does not become zero is told with its place', async () => {
  const disk = smallDisk()
  await disk.write(MIB / 2, Uint8Array.of(7))
  const stubborn = { ...withFaults(disk, {}), zero: async () => {} }
  const failed = await failureOf(await planOn(stubborn, request, release), jobOn(stubborn, release))
  assert.equal(failed.code, 'write.verify-failed')
})
