// An image file that is taken away while it is written: whatever lies under its name then is not touched, and nobody is told
// "done". The change is made at a step's event, so that no clock decides.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  linkSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { after, before, test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import type { JobEvent } from '#engine/ports.ts'
import { JobFailed } from '#engine/run-plan.ts'
import { journalFiles } from '../job/journal-file.ts'
import { applyJob, planJob, systemClock } from '../job/station.ts'
import { openStationJob } from '../job/station-job.ts'
import { readTrustFile } from '../os/word-file.ts'

const SIZE = 170 * 1024 * 1024
let room: Room
before(async () => {
  room = await openRoom()
})
after(() => room[Symbol.asyncDispose]())

function imageFile(name: string, content = ''): string {
  const path = room.path(name)
  writeFileSync(path, content)
  truncateSync(path, SIZE)
  return path
}
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Provisions `target`; `at` is told each event and says whether it was the one. Answers what the job ended with. */
async function provision(target: string, act: () => void, at: (event: JobEvent) => boolean): Promise<unknown> {
  const signal = new AbortController().signal
  await using open = await openStationJob(
    {
      kind: 'provision',
      target,
      at: new Date().toISOString(),
      by: 'tester',
      trust: room.trust,
      journal: room.path('journal'),
      release: room.release,
      boot: null,
      layout: room.path('small.yaml'),
      slots: ['A'],
      config: null,
      luksKey: null,
      seed: null,
      allowOlder: null,
    },
    { signal, readTrust: readTrustFile, opened() {}, progress() {} },
  )
  const planned = await planJob(open.job, journalFiles(room.path('journal')))
  assert.ok(planned.ok, JSON.stringify(planned))
  let acted = false
  const emit = (event: JobEvent) => {
    if (acted || !at(event)) return
    acted = true
    act()
  }
  const run = {
    confirmed: planned.value,
    journal: journalFiles(room.path('journal')),
    clock: systemClock,
    signal,
    emit,
  }
  const outcome = await applyJob(open.job, run).catch((error: unknown) => error)
  assert.ok(acted, 'the moment came')
  return outcome
}

const STEPS: Readonly<Record<string, (event: JobEvent) => boolean>> = {
  'at the first step': (event) => event.type === 'step-started',
  'in the middle of the image': (event) => event.type === 'progress' && event.step === 3 && event.doneBytes > 0,
  'after the last step began': (event) => event.type === 'step-started' && event.step === event.total,
}

let number = 0
for (const [when, at] of Object.entries(STEPS))
  test(`renamed away ${when}, another file put there: that one stays as it is, and the job is not done`, async () => {
    const target = imageFile(`moved-${number++}.img`)
    const other = imageFile(`other-${number++}.img`, 'somebody else’s work')
    const before = digest(other)
    const outcome = await provision(
      target,
      () => {
        renameSync(target, `${target}.away`)
        renameSync(other, target)
      },
      at,
    )
    assert.ok(outcome instanceof JobFailed, String(outcome))
    assert.ok(isEngineError(outcome.cause, 'disk.moved'), String(outcome.cause))
    assert.equal(outcome.report.outcome, 'failed')
    assert.equal(digest(target), before)
  })

test('unlinked, or its name made a link elsewhere: told, never done', async () => {
  for (const link of [false, true]) {
    const target = imageFile(`gone-${number++}.img`)
    const other = imageFile(`linked-${number++}.img`, 'precious')
    const before = digest(other)
    const act = () => {
      rmSync(target)
      if (link) symlinkSync(other, target)
    }
    // The first step leaves a blank disk alone, the second one writes.
    const outcome = await provision(target, act, (event) => event.type === 'step-done' && event.step === 2)
    assert.ok(outcome instanceof JobFailed && isEngineError(outcome.cause, 'disk.moved'), String(outcome))
    assert.equal(outcome.report.account.touched, true)
    assert.equal(digest(other), before)
  }
})

test('another name for the same file changes nothing: it is what was confirmed', async () => {
  const target = imageFile(`twice-${number++}.img`)
  const outcome = await provision(
    target,
    () => linkSync(target, `${target}.more`),
    (event) => event.type === 'step-done',
  )
  assert.ok(!(outcome instanceof Error), String(outcome))
  assert.equal(lstatSync(target).nlink, 2)
})
