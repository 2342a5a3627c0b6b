// The certificate's own rules, without disks: what it takes from plan, report and surroundings, and what it leaves null.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Certificate, certificateSchema, type Surroundings } from '#contract/certificate.ts'
import type { ImageView } from '#contract/views.ts'
import type { Plan, ReleaseFacts } from '#model/plan.ts'
import { planFlash } from '#plan/flash.ts'
import { planProvision } from '#plan/provision.ts'
import { planSlot } from '#plan/select-slot.ts'
import {
  AT,
  abDisk,
  BY,
  blankDisk,
  buildContent,
  buildRecords,
  buildRelease,
  flashRequest,
  manifestOf,
  provisionRequest,
  SIGNER,
  slotRequest,
} from '#testing/builders.ts'
import { sampleCertificate } from '#testing/sample-certificate.ts'
import { sampleReport, sampleUnit } from '#testing/sample-report.ts'
import type { RunnerReport } from '../runner/surroundings.ts'
import { type CertificateFacts, makeCertificate } from './certificate.ts'
import { certificateHtml } from './certificate-html.ts'

const SHA = '11'.repeat(32)

const SIGNATURE: NonNullable<ReleaseFacts['signature']> = {
  userId: 'Maker <maker@example.org>',
  algorithm: 'Ed25519',
  hash: 'SHA-512',
  signedAt: '2026-01-01T00:00:00Z',
  keyExpires: '2028-01-01T00:00:00Z',
  keyExpiresAtSigning: '2027-01-01T00:00:00Z',
}

const planOf = (planned: { readonly ok: true; readonly value: Plan } | { readonly ok: false }): Plan => {
  assert.ok(planned.ok)
  return planned.value
}

const release = buildRelease({ signature: SIGNATURE })
const provision = (): Plan =>
  planOf(planProvision(provisionRequest(), blankDisk(), release, null, [manifestOf(release)]))

function certify(report: RunnerReport, change: Partial<CertificateFacts> = {}): Certificate {
  const made = makeCertificate({
    id: '11111111-2222-4333-8444-555555555555',
    unit: sampleUnit(),
    report,
    operator: 'Ada Lovelace',
    version: '0.1.0',
    commit: 'c0ffee'.repeat(6).slice(0, 40),
    station: {
      host: 'bench',
      system: 'linux',
      architecture: 'x64',
      zone: 'UTC',
      clock: { source: 'system clock', synchronized: null },
    },
    images: [],
    journal: null,
    previous: null,
    signedBy: SIGNER,
    ...change,
  })
  assert.deepEqual(certificateSchema.safeParse(made).error?.issues ?? [], [])
  return made
}

const SURROUNDINGS: Surroundings = {
  health: {
    before: sampleCertificate().drive.health.before,
    after: null,
    whyNot: 'the drive did not answer in time',
  },
  machine: {
    product: 'HP t640',
    serial: 'SN-1',
    macAddresses: ['aa:bb:cc:00:00:01', 'aa:bb:cc:00:00:02'],
    biosVendor: 'HP',
    biosVersion: 'M44',
    cpuModel: 'AMD Ryzen R1505G',
    memoryGb: 8.24,
  },
  warnings: [{ code: 'disk.in-use', message: 'Unplug it.' }],
  table: { diskGuid: 'D', sectorSize: 512, entries: [] },
}

test('of the signature it tells time, algorithm and when the key was to expire, then and now', () => {
  const signer = certify(sampleReport(provision())).image?.signer
  const { userId: name, ...said } = SIGNATURE
  assert.deepEqual(signer, { fingerprint: SIGNER, name, ...said })
  const endless = buildRelease({ signature: { ...SIGNATURE, keyExpires: null } })
  const plan = { ...provision(), release: endless }
  assert.equal(certify(sampleReport(plan)).image?.signer.keyExpires, 'never')
  const unsaid = certify(sampleReport({ ...provision(), release: buildRelease() })).image?.signer
  assert.deepEqual([unsaid?.keyExpires, unsaid?.signedAt, unsaid?.name], [null, null, null])
})

test('the name of an image is that of the very same release in the library, never of one that looks like it', () => {
  const image = { name: 'right.twinslot', digest: release.digest, channel: 'stable' } as ImageView
  const other = { ...image, name: 'wrong.twinslot', digest: '99'.repeat(32), product: 'demo', version: '1.0.0' }
  const named = (images: readonly ImageView[]) => certify(sampleReport(provision()), { images }).image
  assert.equal(named([other, image])?.name, 'right.twinslot')
  assert.deepEqual([named([other])?.name, named([other])?.channel], [null, null])
})

test('what the runner saw is in it: health, the unit itself, warnings; the console adds its own warnings first', () => {
  const { drive, chassis, warnings, start, complete } = certify(
    sampleReport(provision(), { surroundings: SURROUNDINGS }),
  )
  assert.deepEqual(drive.health, SURROUNDINGS.health)
  assert.deepEqual([chassis.product, chassis.serial, chassis.biosVersion], ['HP t640', 'SN-1', 'M44'])
  assert.deepEqual(chassis.macAddresses, ['aa:bb:cc:00:00:01', 'aa:bb:cc:00:00:02'])
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['host.usb-slow', 'disk.in-use'],
  )
  assert.deepEqual(complete.warnings, ['host.usb-slow', 'disk.in-use'])
  const { hardware } = start
  assert.deepEqual(
    [hardware.mac_address, hardware.serial_number, hardware.cpu_model, hardware.memory_gb, hardware.drive_smart_status],
    ['aa:bb:cc:00:00:01', 'SN-1', 'AMD Ryzen R1505G', 8.24, 'PASSED'],
  )
})

test('surroundings of another shape are not believed, and their absence has its reason', () => {
  const odd = JSON.parse(JSON.stringify({ ...SURROUNDINGS, machine: { product: 7 } }))
  for (const surroundings of [odd, undefined]) {
    const { drive, chassis, warnings } = certify(sampleReport(provision(), { surroundings }))
    assert.deepEqual(drive.health, { before: null, after: null, whyNot: 'the runner told nothing of it' })
    assert.equal(chassis.product, null)
    assert.equal(warnings.length, 1)
  }
})

test('a job that writes no table tells the table that was there, with its identifiers', () => {
  const seen = abDisk()
  const plan = planOf(planFlash(flashRequest(), seen, release, manifestOf(release)))
  const { layout } = certify(sampleReport(plan, { surroundings: { ...SURROUNDINGS, table: null } }))
  assert.deepEqual([layout.tableGuid, layout.partitions.length], [null, 0])
  assert.ok(seen.table)
  const { diskGuid, sectorSize, entries } = seen.table
  const table = { diskGuid, sectorSize, entries: entries.map(({ attributes: _a, ...entry }) => entry) }
  const known = certify(sampleReport(plan, { surroundings: { ...SURROUNDINGS, table } })).layout
  assert.equal(known.tableGuid, diskGuid)
  assert.deepEqual(
    known.partitions.map(({ name, uniqueGuid }) => [name, uniqueGuid]),
    entries.map(({ name, uniqueGuid }) => [name, uniqueGuid]),
  )
})

test('an override is what was really done against advice, with its reason and who, not a reason that was not needed', () => {
  const older = buildRelease({ counter: 1, signature: SIGNATURE })
  const request = flashRequest({ allowOlder: 'the new one fails on this unit' })
  const flash = (counter: number): Certificate => {
    const record = { state: 'written', content: buildContent({ counter }) } as const
    const seen = abDisk({ records: buildRecords({ A: record }) })
    return certify(sampleReport(planOf(planFlash(request, seen, older, manifestOf(older)))))
  }
  const what = 'slot B: release counter 1 below 7'
  assert.deepEqual(flash(7).overrides, [{ what, reason: 'the new one fails on this unit', by: BY }])
  assert.deepEqual(flash(1).overrides, [])
  const forced = slotRequest({ action: 'bad', slot: 'A', force: 'it smells' })
  const marked = certify(sampleReport(planOf(planSlot(forced, abDisk()))))
  assert.deepEqual(marked.overrides, [{ what: 'slot A: bad', reason: 'it smells', by: BY }])
})

test('each place has bytes, what was expected and what came back, a verdict, and times; unfinished ones say so', () => {
  const plan = provision()
  const { written } = certify(sampleReport(plan))
  const slot = written.find(({ what }) => what === 'slot A')
  assert.equal(slot?.expectedSha256, release.system?.sha256)
  assert.equal(slot?.readBackSha256, SHA)
  assert.deepEqual(slot?.stages, [
    { stage: 'write', seconds: 2, megabytesPerSecond: 0 },
    { stage: 'read-back', seconds: 1, megabytesPerSecond: 0 },
  ])
  assert.ok(written.every(({ verdict }) => verdict === 'equal'))
  const failed = certify(
    sampleReport(plan, { steps: [], outcome: 'failed', error: { code: 'disk.lost', message: 'Gone.' } }),
  )
  assert.ok(failed.written.length > 3)
  assert.ok(failed.written.every(({ verdict, readBackSha256 }) => verdict === 'not-finished' && !readBackSha256))
  assert.deepEqual([failed.outcome, failed.complete.error_message], ['failed', 'Gone.'])
  assert.ok(failed.error?.during)
})

test('a fresh disk boots its default slot, which is good; a restore lists the files by digest only', () => {
  const plan = provision()
  const esp = plan.steps.findIndex(({ type }) => type === 'write-esp')
  const report = sampleReport(plan)
  const steps = report.steps.map((step, at) =>
    at === esp ? { ...step, evidence: { files: 9, espSha256: SHA, defaultSlot: 'A' } } : step,
  )
  const { boot } = certify({ ...report, steps })
  assert.equal(boot.next, null, 'what the report does not say is not known')
  assert.deepEqual([boot.defaultSlot, boot.wanted, boot.good, boot.trying, boot.files], ['A', 'A', 'A', null, 9])
  const file = { path: 'hypernet/server.yaml', size: 3, sha256: SHA, mode: 0o600 }
  const restore: Plan = { ...plan, release: null, request: { kind: 'restore', at: AT, by: BY, files: [file] } }
  assert.deepEqual(certify(sampleReport(restore)).config, { files: [file] })
})

test('what is selected and what boots next are two rows: a slot without tries is selected and does not boot', () => {
  const spare = { slot: 'A', counted: false, triesLeft: null, startsLeft: null, spare: null } as const
  const report = sampleReport(provision())
  const esp = report.plan.steps.findIndex(({ type }) => type === 'write-esp')
  const steps = report.steps.map((step, at) => (at === esp ? { ...step, evidence: { defaultSlot: 'B' } } : step))
  const differs = certify({ ...report, steps, boot: { next: spare, later: null, state: { wanted: 'B' } } })
  assert.deepEqual([differs.boot.wanted, differs.boot.next?.slot], ['B', 'A'])
  const page = certificateHtml(differs)
  assert.match(page, /<dt>Selected<\/dt><dd>slot B<\/dd>/)
  assert.match(page, /<dt>Boots next<\/dt><dd>Slot A boots next\. Slot B is selected, but does not start/)
  const nothing = certify({ ...report, steps, boot: { next: null, later: null, state: { wanted: 'B' } } })
  assert.match(certificateHtml(nothing), /<dd>Nothing boots by itself: the rescue menu waits for a person\./)
})

test('a certificate of an older version, which says nothing of what boots next, is read all the same', () => {
  const certificate = certify(sampleReport(provision()))
  const { next: _next, ...boot } = certificate.boot
  assert.equal(certificateSchema.parse({ ...certificate, boot }).boot.next, null)
})

/** The names of the fleet's install telemetry (POST /api/install/report/start and /complete). */
const TELEMETRY = {
  start: ['installer_id', 'installer_version', 'hardware', 'network'],
  hardware: [
    'mac_address',
    'serial_number',
    'bios_vendor',
    'bios_version',
    'product_name',
    'cpu_model',
    'memory_gb',
    'drive_path',
    'drive_model',
    'drive_size_gb',
    'drive_smart_status',
    'drive_is_removable',
  ],
  complete: [
    'installer_id',
    'success',
    'error_step',
    'error_message',
    'warnings',
    'image_sha256',
    'verify_sha256',
    'duration_s',
  ],
} as const

test("it has every field of the fleet's install telemetry by its name there, and no other in these two", () => {
  const { start, complete, id, time } = certify(sampleReport(provision(), { surroundings: SURROUNDINGS }))
  assert.deepEqual(Object.keys(start).sort(), [...TELEMETRY.start].sort())
  assert.deepEqual(Object.keys(start.hardware).sort(), [...TELEMETRY.hardware].sort())
  assert.deepEqual(Object.keys(complete).sort(), [...TELEMETRY.complete].sort())
  assert.deepEqual([start.installer_id, complete.installer_id, complete.duration_s], [id, id, time.seconds])
  assert.equal(complete.image_sha256, release.system?.sha256)
  const bench = certify(sampleReport(provision())).start.hardware
  for (const field of TELEMETRY.hardware.slice(0, 7)) assert.equal(Reflect.get(bench, field), null, field)
})

test('a certificate of a console that did not know the newer fields is still read; they are not known', () => {
  const { image, drive, job, ...rest } = sampleCertificate()
  assert.ok(image)
  const { keyExpiresAtSigning: _then, hash: _hash, ...signer } = image.signer
  const old = {
    ...rest,
    job,
    image: { ...image, signer: { ...signer, keyExpires: null, signedAt: null, algorithm: null } },
    drive: { ...drive, health: { before: null, after: null } },
  }
  const read = certificateSchema.parse(JSON.parse(JSON.stringify(old)))
  assert.deepEqual([read.image?.signer.keyExpiresAtSigning, read.image?.signer.hash], [null, null])
  assert.equal(read.drive.health.whyNot, null)
})
