import assert from 'node:assert/strict'
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Certificate, certificateSchema } from '#contract/certificate.ts'
import type { HistoryRow } from '#contract/views.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { type ConsoleBench, NO_SIGNAL, openConsoleBench } from '#testing/console-bench.ts'
import { eventually } from '#testing/fake-host.ts'
import { openGpg } from '#testing/gpg.ts'
import { sourceCommit } from '../source-commit.ts'

let room: Room
let bench: ConsoleBench
before(async () => {
  room = await openRoom()
  bench = await openConsoleBench(room, { name: 'station', disks: 2 })
})
after(async () => {
  await bench?.[Symbol.asyncDispose]()
  await room[Symbol.asyncDispose]()
})

const get = async (from: ConsoleBench, report: string, as: 'html' | 'json' | 'label' | 'signature' | 'key') =>
  (await from.console.calls['report.get']({ report, as }, NO_SIGNAL)).text
const reportsOf = async (from: ConsoleBench) => (await from.console.calls['station.get']({}, NO_SIGNAL)).reports
const certificateOf = async (from: ConsoleBench, report: string): Promise<Certificate> =>
  certificateSchema.parse(JSON.parse(await get(from, report, 'json')))

/** Provisions the first unit; its report's token. */
async function provisioned(from: ConsoleBench): Promise<string> {
  const done = await from.run(await from.provision([from.units[0]]))
  const { state, report } = done.jobs[0]
  assert.equal(state, 'verified')
  assert.ok(report, from.logged.join('\n'))
  return report
}

test('a provisioned unit gets a certificate that tells what was read back, and invents nothing', async () => {
  const report = await provisioned(bench)
  const certificate = await certificateOf(bench, report)
  assert.equal(certificate.outcome, 'verified')
  assert.equal(certificate.operator, 'Ada Lovelace')
  assert.equal(certificate.image?.version, '1.0.0')
  assert.equal(certificate.console.commit, await sourceCommit())
  const slot = certificate.written.find(({ what }) => what === 'slot A')
  assert.equal(slot?.verdict, 'equal')
  assert.equal(slot?.readBackSha256, slot?.expectedSha256)
  assert.equal(slot?.readBackSha256, certificate.image?.sha256)
  for (const part of certificate.written.filter(({ what }) => /^(slot|partition \d)/.test(what))) {
    assert.ok(part.bytesWritten && part.readBackSha256, part.what)
    assert.equal(part.readBackSha256, part.expectedSha256, part.what)
    assert.deepEqual(
      part.stages.map(({ stage }) => stage),
      ['write', 'flush', 'read-back'],
      part.what,
    )
  }
  const { signer } = certificate.image
  assert.deepEqual([signer.name, signer.algorithm], ['Test <test@example.org>', 'Ed25519'])
  assert.ok(signer.signedAt && signer.signedAt <= certificate.time.startedAt)
  assert.deepEqual([signer.keyExpires, signer.keyExpiresAtSigning], ['never', 'never'])
  assert.equal(certificate.image.name, 'one.twinslot')
  assert.deepEqual(
    certificate.layout.partitions.map(({ name, filesystem }) => [name, filesystem]),
    [
      ['ESP', 'fat32'],
      ['SLOT-A', 'none'],
      ['SLOT-B', 'none'],
      ['MSP-DATA', 'ext4'],
    ],
  )
  assert.equal(certificate.boot.defaultSlot, 'A')
  assert.ok(certificate.journal && certificate.journal.bytes > 0)
  assert.ok(certificate.steps.every(({ startedAt, endedAt }) => startedAt <= endedAt))
  const { chassis, network, secrets, site, drive } = certificate
  assert.deepEqual([chassis.serial, chassis.macAddresses, network, secrets, site], [null, null, null, null, null])
  assert.deepEqual(drive.health, { before: null, after: null, whyNot: 'a virtual disk has no health' })
  assert.deepEqual([certificate.boot.wanted, certificate.boot.good], ['A', 'A'])
})

test('its telemetry says what its other parts say', async () => {
  const [{ token }] = await reportsOf(bench)
  const { start, complete } = await certificateOf(bench, token)
  assert.equal(start.hardware.drive_size_gb, 0.3)
  assert.equal(complete.success, true)
  assert.equal(complete.image_sha256, complete.verify_sha256)
})

test('GnuPG accepts the signature with the key that the station gives out, and no changed byte', async (t) => {
  await using gpg = await openGpg()
  if (!gpg) return t.skip('needs gpg')
  const [{ token }] = await reportsOf(bench)
  const file = room.path('certificate.json')
  writeFileSync(file, await get(bench, token, 'json'))
  writeFileSync(`${file}.asc`, await get(bench, token, 'signature'))
  await gpg.run(['--import'], undefined, await get(bench, token, 'key'))
  const good = await gpg.ask(['--status-fd', '1', '--verify', `${file}.asc`, file])
  assert.equal(good.code, 0, good.stderr)
  const { signedBy } = await certificateOf(bench, token)
  assert.match(good.stdout, new RegExp(`VALIDSIG ${signedBy}`))
  writeFileSync(file, (await get(bench, token, 'json')).replace('Ada Lovelace', 'Eve Lovelace'))
  assert.notEqual((await gpg.ask(['--verify', `${file}.asc`, file])).code, 0)
})

test('the console tells an unchanged certificate from a changed one, and from one of another station', async () => {
  const [{ token }] = await reportsOf(bench)
  const [report, signature] = [await get(bench, token, 'json'), await get(bench, token, 'signature')]
  const verify = (text: string, by = signature) =>
    bench.console.calls['report.verify']({ report: text, signature: by }, NO_SIGNAL)
  const good = await verify(report)
  assert.deepEqual([good.valid, good.problem], [true, null])
  assert.equal(good.signer, (await certificateOf(bench, token)).signedBy)
  const bad = await verify(report.replace('"verified"', '"done"'))
  assert.deepEqual([bad.valid, bad.signer, bad.problem?.code], [false, null, 'trust.wrong-data'])
  assert.equal((await verify(report, 'no signature')).problem?.code, 'trust.signature-malformed')
  await using other = await openConsoleBench(room, { name: 'other', disks: 0 })
  const there = await other.console.calls['report.verify']({ report, signature }, NO_SIGNAL)
  assert.equal(there.problem?.code, 'trust.unknown-key')
})

test("the station's secret key is for its user only, and never among the reports or in the trust list", async () => {
  assert.equal(statSync(join(bench.data, 'station-key.asc')).mode & 0o777, 0o600)
  assert.match(readFileSync(join(bench.data, 'reports', 'station.asc'), 'utf8'), /BEGIN PGP PUBLIC KEY/)
  const { keys } = await bench.console.calls['station.get']({}, NO_SIGNAL)
  const [{ token }] = await reportsOf(bench)
  const { signedBy } = await certificateOf(bench, token)
  assert.ok(keys.every(({ fingerprint }) => fingerprint !== signedBy))
  for (const name of readdirSync(join(bench.data, 'reports')))
    assert.doesNotMatch(readFileSync(join(bench.data, 'reports', name), 'utf8'), /PRIVATE KEY/)
})

test('the next certificate of the same drive names the one before; the history has both, newest first', async () => {
  const [first] = await reportsOf(bench)
  const { calls } = bench.console
  const params = {
    units: [bench.units[0]],
    image: bench.image,
    slot: 'B',
    changedOnly: false,
    allowOlder: null,
  } as const
  const done = await bench.run(await calls['plan.flash']({ ...params, units: [...params.units] }, NO_SIGNAL))
  const token = done.jobs[0].report
  assert.ok(token)
  const { previous, job, layout } = await certificateOf(bench, token)
  assert.equal(previous?.id, first.id)
  assert.deepEqual([job.kind, job.title], ['flash', 'Write 1.0.0 into slot B'])
  assert.equal(layout.partitions.length, 4)
  assert.ok(layout.tableGuid !== null && layout.partitions.every(({ uniqueGuid }) => uniqueGuid !== null))
  // The bench looks at a unit anew after its job; the batch may have told its end before that.
  let history: readonly HistoryRow[] = []
  using _news = bench.console.hub.listen((event) => {
    if (event.type === 'bench')
      history = event.bench.units.find(({ token: unit }) => unit === bench.units[0])?.recovery?.history ?? []
  })
  const { bench: view } = await calls['station.get']({}, NO_SIGNAL)
  history = view.units.find(({ token: unit }) => unit === bench.units[0])?.recovery?.history ?? []
  await eventually(() => history.length === 2)
  assert.deepEqual(
    history.map(({ what, outcome }) => [what, outcome]),
    [
      [{ kind: 'flash', version: '1.0.0', slot: 'B' }, 'done'],
      [{ kind: 'provision', version: '1.0.0', layout: 'small' }, 'done'],
    ],
  )
})

test('pages, rows and labels come from the certificate as it lies there', async () => {
  const reports = await reportsOf(bench)
  const page = await get(bench, reports[0].token, 'html')
  assert.match(page, /<h1>Certificate<\/h1>/)
  assert.match(await get(bench, reports[0].token, 'label'), /<svg/)
  const wanted = { reports: reports.map(({ token }) => token), bom: true }
  const { text, name } = await bench.console.calls['report.csv'](wanted, NO_SIGNAL)
  assert.equal(text.split('\r\n').length, reports.length + 2)
  assert.match(name, /^twinslot-\d{4}-\d\d-\d\d\.csv$/)
})

test('a reopened console knows its reports; what is no certificate is left alone and logged as report.malformed', async () => {
  const known = await reportsOf(bench)
  await bench[Symbol.asyncDispose]()
  const odd = join(bench.data, 'reports', 'odd.json')
  writeFileSync(odd, '{"schema":"twinslot-certificate/2"}')
  bench = await openConsoleBench(room, { name: 'station', disks: 0, reopen: true })
  const again = await reportsOf(bench)
  assert.deepEqual(
    again.map(({ id, signed }) => [id, signed]),
    known.map(({ id }) => [id, true]),
  )
  assert.ok(bench.logged.some((line) => line.includes('odd.json is no certificate of this program')))
  assert.equal(readFileSync(odd, 'utf8'), '{"schema":"twinslot-certificate/2"}')
})

test('with a damaged station key nothing is planned, and report.station-key says so; put right, it signs again', async () => {
  const key = join(bench.data, 'station-key.asc')
  await bench[Symbol.asyncDispose]()
  renameSync(key, `${key}.kept`)
  writeFileSync(key, 'not a key')
  bench = await openConsoleBench(room, { name: 'station', disks: 0, reopen: true })
  const { plans, refused } = await bench.provision([bench.units[0]])
  assert.deepEqual(
    [plans, refused.flatMap(({ refusals }) => refusals.map(({ code }) => code))],
    [[], ['report.station-key']],
  )
  renameSync(`${key}.kept`, key)
  assert.ok((await bench.run(await bench.provision([bench.units[0]]))).jobs[0].report)
})
