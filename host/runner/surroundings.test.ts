import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { surroundingsSchema } from '#contract/certificate.ts'
import { JobFailed } from '#engine/run-plan.ts'
import { planProvision } from '#plan/provision.ts'
import { abDisk, blankDisk, buildRelease, manifestOf, provisionRequest } from '#testing/builders.ts'
import { sampleReport } from '#testing/sample-report.ts'
import { type RunnerReport, watchSurroundings } from './surroundings.ts'

const release = buildRelease()
const planned = planProvision(provisionRequest(), blankDisk(), release, null, [manifestOf(release)])
assert.ok(planned.ok)
const report = sampleReport(planned.value)
const FILE = { path: '/x.img', bus: 'file', removable: false } as const

const seenIn = ({ surroundings }: RunnerReport) => surroundingsSchema.parse(JSON.parse(JSON.stringify(surroundings)))

test('warnings of the run and the table that was there travel with the report, which stays as it was', async () => {
  const watch = await watchSurroundings(FILE)
  const before = abDisk()
  watch.saw(before)
  watch.heard({ type: 'warning', code: 'disk.in-use', message: 'Unplug it.' })
  watch.heard({ type: 'step-done', step: 1, evidence: {} })
  const done = await watch.complete(report)
  const { surroundings: _seen, ...rest } = done
  assert.deepEqual(rest, report)
  const { warnings, table, health, machine } = seenIn(done)
  assert.deepEqual(warnings, [{ code: 'disk.in-use', message: 'Unplug it.' }])
  assert.deepEqual([table?.diskGuid, table?.entries.length], [before.table?.diskGuid, before.table?.entries.length])
  assert.deepEqual(health, { before: null, after: null, whyNot: 'a virtual disk has no health' })
  assert.equal(machine, null)
})

test('the report of a failed job has it, too, with the same cause; an error without a report stays what it is', async () => {
  const watch = await watchSurroundings(FILE)
  const cause = new Error('the disk is gone')
  const failed = await watch.completeFailure(new JobFailed(report, cause, 'Write slot A'))
  assert.ok(failed instanceof JobFailed)
  assert.deepEqual([failed.cause, failed.during], [cause, 'Write slot A'])
  assert.equal(seenIn(failed.report).health.whyNot, 'a virtual disk has no health')
  assert.equal(await watch.completeFailure(cause), cause)
})

test('a drive is asked before and after; one that had no answer is not asked again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'twinslot-asked-'))
  const asked = join(folder, 'asked')
  const path = process.env.PATH
  process.env.PATH = `${folder}:${path}`
  t.after(() => {
    process.env.PATH = path
    rmSync(folder, { recursive: true, force: true })
  })
  /** Prints how often it was asked as the temperature. */
  const answers = (said: string) =>
    writeFileSync(join(folder, 'smartctl'), `#!/bin/sh\necho x >> ${asked}\nn=$(wc -l < ${asked})\necho "${said}"\n`, {
      mode: 0o755,
    })
  const drive = { path: '/dev/sdz', bus: 'usb', removable: true } as const
  answers('{\\"smartctl\\":{\\"exit_status\\":0},\\"temperature\\":{\\"current\\":$n}}')
  const { before, after, whyNot } = seenIn(await (await watchSurroundings(drive)).complete(report)).health
  assert.deepEqual([before?.celsius, after?.celsius, whyNot], [1, 2, null])
  rmSync(asked)
  answers('{\\"smartctl\\":{\\"exit_status\\":2}}')
  const silent = seenIn(await (await watchSurroundings(drive)).complete(report)).health
  assert.deepEqual([silent.before, silent.after], [null, null])
  assert.match(silent.whyNot ?? '', /exit status 2/)
  assert.equal(readFileSync(asked, 'utf8').split('\n').length - 1, 1)
})
