// Certificates as they are kept, without disks: what the list says of each, and which one was before which.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { certificateSchema } from '#contract/certificate.ts'
import type { Token } from '#contract/views.ts'
import { planProvision } from '#plan/provision.ts'
import { blankDisk, buildRelease, manifestOf, provisionRequest } from '#testing/builders.ts'
import { NO_SIGNAL } from '#testing/console-bench.ts'
import { fakeHost } from '#testing/fake-host.ts'
import { sampleReport, sampleUnit } from '#testing/sample-report.ts'
import { openReports, type StationReports } from './reports.ts'

const folder = mkdtempSync(join(tmpdir(), 'twinslot-kept-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const NEEDS = { commit: null, images: () => [] }
const release = buildRelease()
const planned = planProvision(provisionRequest(), blankDisk(), release, null, [manifestOf(release)])

/** A report that ended at this second, for whatever error. */
function ended(second: number, error: { code: string; message: string } | null = null) {
  assert.ok(planned.ok)
  const endedAt = `2026-01-02T03:06:0${second}.000Z`
  return sampleReport(planned.value, { endedAt, error, outcome: error ? 'failed' : 'done' })
}

const certificateOf = async ({ calls }: StationReports, report: Token | null) => {
  assert.ok(report)
  return certificateSchema.parse(JSON.parse((await calls['report.get']({ report, as: 'json' }, NO_SIGNAL)).text))
}

test('a job that was stopped or failed is never listed as done, and one that a person stopped is not listed as failed', async () => {
  using host = fakeHost(join(folder, 'outcomes'), () => new Date('2026-01-02T04:00:00Z'))
  const reports = await openReports(host, NEEDS)
  await reports.save(sampleUnit(), ended(1))
  await reports.save(sampleUnit(), ended(2, { code: 'disk.lost', message: 'Gone.' }))
  await reports.save(sampleUnit(), ended(3, { code: 'job.cancelled', message: 'Stopped.' }))
  assert.deepEqual(
    reports.view().map(({ outcome, signed }) => [outcome, signed]),
    [
      ['stopped', true],
      ['failed', true],
      ['done', true],
    ],
    host.lines.join('\n'),
  )
  assert.deepEqual(
    (await reports.newest(2)).map(({ outcome }) => outcome),
    ['stopped', 'failed'],
  )
})

test('the certificate before is that of the same drive, not just the last one of the station', async () => {
  using host = fakeHost(join(folder, 'previous'), () => new Date('2026-01-02T04:00:00Z'))
  const reports = await openReports(host, NEEDS)
  const first = await reports.save(sampleUnit(), ended(1))
  const other = await reports.save(sampleUnit({ key: 'another drive' }), ended(2))
  const again = await reports.save(sampleUnit(), ended(3))
  assert.equal((await certificateOf(reports, other)).previous, null)
  assert.equal((await certificateOf(reports, again)).previous?.id, (await certificateOf(reports, first)).id)
  assert.equal(reports.history('another drive').length, 1)
})

test('a certificate whose signature is gone is not called signed', async () => {
  using host = fakeHost(join(folder, 'unsigned'), () => new Date('2026-01-02T04:00:00Z'))
  const before = await openReports(host, NEEDS)
  await before.save(sampleUnit(), ended(1))
  await before.save(sampleUnit(), ended(2))
  const [oldest] = readdirSync(host.paths.reports)
    .filter((name) => name.endsWith('.json.asc'))
    .sort()
  rmSync(join(host.paths.reports, oldest))
  const again = await openReports(host, NEEDS)
  assert.deepEqual(
    again.view().map(({ signed }) => signed),
    [true, false],
  )
})

test('a folder in which no certificate can be kept is told before a job begins, and what cannot be read is not shown as none', async () => {
  using host = fakeHost(join(folder, 'closed'), () => new Date('2026-01-02T04:00:00Z'))
  const good = await openReports(host, NEEDS)
  await good.rehearse()
  assert.equal(good.unread, null)
  assert.deepEqual(readdirSync(host.paths.reports), ['station.asc'], 'what was tried leaves nothing behind')

  rmSync(host.paths.reports, { recursive: true })
  writeFileSync(host.paths.reports, 'a file where the folder should be')
  await assert.rejects(good.rehearse(), { code: 'job.reports-unusable' })
  assert.equal(
    await good.save(sampleUnit(), ended(1)),
    null,
    'when it comes to that after all, the job ends all the same',
  )
  assert.match(host.lines.join('\n'), /^reports: not saved: settings\.not-saved /m)
  const blind = await openReports(host, NEEDS)
  assert.deepEqual([blind.view(), blind.unread?.code], [[], 'job.reports-unusable'])
  assert.ok(
    host.lines.some((line) => line.startsWith('reports: ')),
    host.lines.join('\n'),
  )
  rmSync(host.paths.reports)
  assert.equal((await openReports(host, NEEDS)).unread, null, 'a folder that is not there yet holds none')
})

test('a station key that cannot sign is told before a job begins, not after it', async () => {
  using host = fakeHost(join(folder, 'key'), () => new Date('2026-01-02T04:00:00Z'))
  writeFileSync(host.paths.stationKey, 'no key')
  await assert.rejects((await openReports(host, NEEDS)).rehearse(), { code: 'report.station-key' })
})
