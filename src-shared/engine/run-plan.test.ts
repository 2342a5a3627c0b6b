import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { EngineError, isEngineError } from '#base/errors.ts'
import type { Request } from '#model/plan.ts'
import { describeStep } from '#plan/describe.ts'
import { jobKey, sealPlan } from '#plan/plan-id.ts'
import { flashRequest, provisionRequest, slotRequest } from '#testing/builders.ts'
import { withFaults } from '#testing/faults.ts'
import { type MemoryDisk, memoryDisk } from '#testing/memory-disk.ts'
import { withRecording } from '#testing/recording.ts'
import {
  failureOf,
  imagesWithoutLoader,
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
import { checkIdentity, runPlan } from './run-plan.ts'

const PROVISION = provisionRequest({ layout: SMALL_LAYOUT })
const FLASH = flashRequest({ slot: 'B' })
let one: SmallRelease
let two: SmallRelease
let appliance: MemoryDisk

before(async () => {
  one = smallRelease(1)
  two = smallRelease(2)
  appliance = smallDisk()
  await runPlan(await planOn(appliance, PROVISION, one), jobOn(appliance, one))
})

/** A copy of a provisioned disk: slot A holds release 1, slot B is empty. */
const copy = () => memoryDisk({ size: SMALL_SIZE, path: '/dev/sdb', serial: 'SMALL01', pages: appliance.pages })

const recordOfB = async (device: BlockDevice) => (await sightOf(device)).boot?.records.B.state

test('the journal tells begin, each step before it is done and after, and the end; events and report say the same', async () => {
  const disk = copy()
  const plan = await planOn(disk, FLASH, two)
  const journal = memoryJournal()
  const job = jobOn(disk, two, { journal })
  const report = await runPlan(plan, job)
  const key = jobKey(FLASH, plan.disk, plan.release)
  assert.ok(journal.lines.every((line) => line.key === key))
  const lines = journal.lines.map(({ line }) => `${line.event} ${line.step ?? ''} ${line.kind ?? ''}`.trim())
  assert.deepEqual(lines, [
    'begin',
    'step-started 0 record-slot',
    'step-done 0',
    'step-started 1 write-image',
    'step-done 1',
    'step-started 2 boot-state',
    'step-done 2',
    'step-started 3 record-slot',
    'step-done 3',
    'end',
  ])
  assert.equal(journal.lines[0].line.plan, plan.id)
  const titles = plan.steps.map(describeStep)
  assert.deepEqual(
    job.events.flatMap((event) => (event.type === 'step-started' ? [event.title] : [])),
    titles,
  )
  assert.deepEqual(
    report.steps.map((step) => step.title),
    titles,
  )
  assert.deepEqual([report.outcome, report.error, report.resumed, report.job], ['done', null, false, key])
  assert.equal(report.steps[1].evidence.sha256, two.facts.system?.sha256)
  assert.equal(report.steps[1].evidence.mode, 'full')
  assert.equal(Buffer.compare(disk.peek(39 * 1024 * 1024, two.bytes.length), two.bytes), 0)
})

test('the line of a step is in the journal before its first write', async () => {
  const disk = copy()
  const journal = memoryJournal()
  const { device, ops } = withRecording(disk)
  const plan = await planOn(disk, FLASH, two)
  const seen: string[] = []
  const append = async (key: string, line: Readonly<Record<string, unknown>>) => {
    await journal.append(key, line)
    seen.push(`${line.event} ${line.step ?? ''} at ${ops.length}`)
  }
  await runPlan(plan, jobOn(device, two, { journal: { ...journal, append } }))
  assert.equal(seen[0], 'begin  at 0')
  assert.equal(seen[1], 'step-started 0 at 0')
  assert.match(seen[2], /^step-done 0 at 2$/, 'one copy of the record, and its flush')
})

test('a plan that was changed after it was confirmed is refused: plan.changed, nothing written', async () => {
  const disk = copy()
  const { device, count } = withRecording(disk)
  const plan = await planOn(disk, FLASH, two)
  const steps = plan.steps.map((step) => (step.type === 'write-image' ? { ...step, slot: 'A' as const } : step))
  const failed = await failureOf({ ...plan, steps }, jobOn(device, two))
  assert.equal(failed.code, 'plan.changed')
  assert.equal(failed.report.account.touched, false)
  assert.equal(failed.during, null)
  assert.equal(count.writes, 0)
})

test('the image must be the one of the plan: another release is plan.changed before the slot is touched', async () => {
  const disk = copy()
  const before = disk.peek(39 * 1024 * 1024, 4096)
  const failed = await failureOf(await planOn(disk, FLASH, two), jobOn(disk, one))
  assert.equal(failed.code, 'plan.changed')
  assert.deepEqual(disk.peek(39 * 1024 * 1024, 4096), before)
})

test('a disk that is swapped between two steps is not written: plan.disk-changed', async () => {
  for (const change of [{ serial: 'OTHER' }, { wwn: 'x' }, { size: 1 }, { busPath: 'elsewhere' }]) {
    for (const step of [0, 1, 3]) {
      const disk = copy()
      const plan = await planOn(disk, FLASH, two)
      let asked = 0
      const { device, ops } = withRecording(disk)
      const swapped: BlockDevice = {
        ...device,
        identity: async () => ({ ...(await disk.identity()), ...(asked++ >= step ? change : {}) }),
      }
      const marks: number[] = []
      const emit = (event: JobEvent) => {
        if (event.type === 'step-done') marks.push(ops.length)
      }
      const failed = await failureOf(plan, jobOn(swapped, two, { emit }))
      assert.equal(failed.code, 'plan.disk-changed')
      assert.equal(failed.report.steps.length, step)
      assert.equal(failed.report.account.touched, step > 0)
      assert.equal(ops.length, marks.at(-1) ?? 0, 'no operation after the swap')
    }
  }
})

test('checkIdentity names both disks', () => {
  const disk = { serial: 'A1', wwn: null, size: 10, busPath: 'usb-1' }
  checkIdentity(disk, { ...disk }, '/dev/sdb')
  assert.throws(
    () => checkIdentity(disk, { ...disk, serial: null }, '/dev/sdb'),
    (error: unknown) =>
      isEngineError(error, 'plan.disk-changed') &&
      error.details.expected === 'A1, 10 bytes, at usb-1' &&
      error.details.found === 'without serial, 10 bytes, at usb-1',
  )
})

test('a disk that vanishes ends with disk.lost, a true account, and the steps before it', async () => {
  const disk = copy()
  const plan = await planOn(disk, FLASH, two)
  const { device, count } = withRecording(disk)
  const failed = await failureOf(plan, jobOn(withFaults(device, { vanishAtWrite: 5 }), two))
  assert.equal(failed.code, 'disk.lost')
  assert.equal(failed.during, describeStep(plan.steps[1]))
  assert.deepEqual(failed.report.error?.code, 'disk.lost')
  assert.equal(failed.report.steps.length, 1)
  assert.equal(failed.report.account.bytesWritten, count.writtenBytes)
  assert.equal(failed.report.account.bytesZeroed, count.zeroedBytes)
  assert.equal(await recordOfB(disk), 'incomplete')
})

test('a step that fails leaves the later steps undone and the slot Incomplete', async () => {
  const disk = copy()
  const plan = await planOn(disk, FLASH, two)
  const job = jobOn(withFaults(disk, { corruptAt: 39 * 1024 * 1024 + 200_000 }), two)
  const failed = await failureOf(plan, job)
  assert.equal(failed.code, 'write.verify-failed')
  assert.deepEqual(
    job.events.flatMap((event) => (event.type === 'step-started' ? [event.step] : [])),
    [1, 2],
  )
  assert.equal(await recordOfB(disk), 'incomplete')
  assert.deepEqual(disk.peek(39 * 1024 * 1024, 512), new Uint8Array(512), 'the slot has no superblock')
  assert.equal((await sightOf(disk)).boot?.state.wanted, 'A')
})

test('a journal that cannot be kept ends the job before anything is written', async () => {
  const disk = copy()
  const { device, count } = withRecording(disk)
  const journal = {
    ...memoryJournal(),
    append: async () => {
      throw new EngineError('job.journal-damaged', { file: 'journal', line: 1 })
    },
  }
  const failed = await failureOf(await planOn(disk, FLASH, two), jobOn(device, two, { journal }))
  assert.equal(failed.code, 'job.journal-damaged')
  assert.equal(count.writes + count.zeroedBytes, 0)
})

test('an error that is no refusal of ours is reported as a bug, with the account', async () => {
  const disk = copy()
  const plan = await planOn(disk, FLASH, two)
  const device: BlockDevice = { ...withRecording(disk).device, write: () => Promise.reject(new TypeError('oops')) }
  const failed = await failureOf(plan, jobOn(device, two))
  assert.deepEqual(failed.report.error, { code: 'cli.bug', message: 'oops' })
  assert.equal(failed.report.account.touched, true)
})

test('a slot is checked before it is selected: slot.content-differs, and the boot files stay as they are', async () => {
  const disk = copy()
  await runPlan(await planOn(disk, FLASH, two), jobOn(disk, two))
  disk.pages.write(39 * 1024 * 1024 + 300_000, new Uint8Array([1, 2, 3]))
  const request: Request = slotRequest({ action: 'default', slot: 'B' })
  const failed = await failureOf(await planOn(disk, request, null), jobOn(disk, null))
  assert.equal(failed.code, 'slot.content-differs')
  assert.equal(failed.report.account.touched, false)
  assert.equal((await sightOf(disk)).boot?.state.wanted, 'A')
})

test('without boot files, or without the loader that firmware looks for, no disk gets a table', async () => {
  const cases = [
    ['plan.no-boot-files', { image: () => null }],
    ['boot.no-loader', imagesWithoutLoader()],
  ] as const
  for (const [code, boot] of cases) {
    const disk = smallDisk()
    const failed = await failureOf(await planOn(disk, PROVISION, one), jobOn(disk, one, { boot }))
    assert.equal(failed.code, code)
    assert.equal((await sightOf(disk)).table, null)
  }
})

test('steps work on the disk of the plan only in their order: a sealed plan of other steps is another plan', async () => {
  const disk = copy()
  const { id, ...rest } = await planOn(disk, FLASH, two)
  assert.notEqual(sealPlan({ ...rest, steps: rest.steps.toReversed() }).id, id)
})
