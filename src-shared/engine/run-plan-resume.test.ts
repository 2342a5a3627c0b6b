import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { jobKey } from '#plan/plan-id.ts'
import { flashRequest, provisionRequest } from '#testing/builders.ts'
import { type Faults, withFaults } from '#testing/faults.ts'
import { type MemoryDisk, memoryDisk } from '#testing/memory-disk.ts'
import {
  failureOf,
  jobOn,
  memoryJournal,
  planOn,
  SMALL_LAYOUT,
  SMALL_SIZE,
  type SmallRelease,
  sightOf,
  smallDisk,
  smallRelease,
} from '#testing/small-job.ts'
import type { BlockDevice, JobEvent } from './ports.ts'
import { runPlan, unfinishedOverride, unfinishedSeed } from './run-plan.ts'

const FLASH = flashRequest({ slot: 'B' })
let two: SmallRelease
let appliance: MemoryDisk

before(async () => {
  const one = smallRelease(1)
  two = smallRelease(2)
  appliance = smallDisk()
  await runPlan(await planOn(appliance, provisionRequest({ layout: SMALL_LAYOUT }), one), jobOn(appliance, one))
})

/** A copy of a provisioned disk: slot A holds release 1, slot B is empty. */
const copy = () => memoryDisk({ size: SMALL_SIZE, path: '/dev/sdb', serial: 'SMALL01', pages: appliance.pages })
const recordOfB = async (device: BlockDevice) => (await sightOf(device)).boot?.records.B.state

test('cancelled before it begins: job.cancelled, nothing written, not even a step in the journal', async () => {
  const disk = copy()
  const journal = memoryJournal()
  const plan = await planOn(disk, FLASH, two)
  const failed = await failureOf(plan, jobOn(disk, two, { journal, signal: AbortSignal.abort() }))
  assert.equal(failed.code, 'job.cancelled')
  assert.equal(failed.report.account.touched, false)
  assert.deepEqual(
    journal.lines.map(({ line }) => line.event),
    ['begin'],
  )
})

test('cancelled between and within steps: the slot stays Incomplete, and running again finishes it', async () => {
  const whole = copy()
  const plan = await planOn(whole, FLASH, two)
  await runPlan(plan, jobOn(whole, two))
  const expected = whole.peek(39 * 1024 * 1024, 2 * 1024 * 1024)
  const stops: ((event: JobEvent) => boolean)[] = [
    (event) => event.type === 'step-done' && event.step === 1,
    (event) => event.type === 'progress' && event.phase === 'write' && event.doneBytes > 100_000,
    (event) => event.type === 'progress' && event.phase === 'read-back',
  ]
  for (const stop of stops) {
    const disk = copy()
    const journal = memoryJournal()
    const controller = new AbortController()
    const emit = (event: JobEvent) => {
      if (stop(event)) controller.abort()
    }
    const opened: Faults = {}
    const job = jobOn(withFaults(disk, opened), two, { journal, emit, signal: controller.signal })
    const failed = await failureOf(plan, job)
    // What was still on its way when the job was cancelled does not arrive later: the device is closed.
    opened.vanished = true
    assert.equal(failed.code, 'job.cancelled')
    assert.equal(failed.report.account.touched, true)
    assert.equal(await recordOfB(disk), 'incomplete')
    const report = await runPlan(await planOn(disk, FLASH, two), jobOn(disk, two, { journal }))
    assert.equal(report.resumed, true)
    assert.equal(await recordOfB(disk), 'written')
    assert.equal(Buffer.compare(disk.peek(39 * 1024 * 1024, expected.length), expected), 0)
  }
})

test('continuing compares what is there with the signed digests and believes no journal', async () => {
  const disk = copy()
  const journal = memoryJournal()
  const plan = await planOn(disk, FLASH, two)
  await failureOf(plan, jobOn(withFaults(disk, { vanishAtWrite: 8 }), two, { journal }))
  // The journal claims that all was done; the disk was changed meanwhile.
  const key = jobKey(FLASH, plan.disk, plan.release)
  for (const step of [1, 2, 3]) await journal.append(key, { event: 'step-done', step, evidence: {} })
  disk.pages.write(39 * 1024 * 1024 + 70_000, new Uint8Array(5000).fill(9))
  const report = await runPlan(await planOn(disk, FLASH, two), jobOn(disk, two, { journal }))
  assert.equal(report.resumed, true)
  assert.equal(report.steps[1].evidence.mode, 'changed')
  assert.equal(Buffer.compare(disk.peek(39 * 1024 * 1024, two.bytes.length), two.bytes), 0)
  const again = await runPlan(await planOn(disk, FLASH, two), jobOn(disk, two, { journal }))
  assert.equal(again.resumed, false, 'a job that ended is not continued')
  assert.equal(again.steps[1].evidence.mode, 'full')
})

test('a journal of other work does not make a job a continued one', async () => {
  const disk = copy()
  const journal = memoryJournal()
  const other = flashRequest({ slot: 'B', changedOnly: true })
  await failureOf(await planOn(disk, other, two), jobOn(withFaults(disk, { failWrite: 6 }), two, { journal }))
  const report = await runPlan(await planOn(disk, FLASH, two), jobOn(disk, two, { journal }))
  assert.equal(report.resumed, false)
})

test('the seed of an unfinished provisioning is found again, one that ended gives none', () => {
  assert.equal(unfinishedSeed([]), null)
  const begin = (seed: string) => ({ event: 'begin', seed })
  assert.equal(unfinishedSeed([begin('s1'), { event: 'step-started', step: 0 }]), 's1')
  assert.equal(unfinishedSeed([begin('s1'), { event: 'end' }]), null)
  assert.equal(unfinishedSeed([begin('s1'), { event: 'end' }, begin('s2')]), 's2')
})

test('what an interrupted job was allowed is remembered until it ends; nonsense in a journal allows nothing', () => {
  const override = {
    slot: 'A',
    action: 'product demo where kiosk was',
    reason: 'new duty',
    at: 'now',
    by: 'me',
  } as const
  const begin = (given: unknown) => ({ event: 'begin', override: given })
  assert.equal(unfinishedOverride([]), null)
  assert.deepEqual(unfinishedOverride([begin(override), { event: 'step-started', step: 0 }]), override)
  assert.deepEqual(unfinishedOverride([begin(override), begin(null)]), override, 'begun again on the erased disk')
  assert.equal(unfinishedOverride([begin(override), { event: 'end' }]), null)
  for (const odd of [null, 'x', 7, [], { ...override, by: 1 }, { slot: 'A' }])
    assert.equal(unfinishedOverride([begin(odd)]), null)
})
