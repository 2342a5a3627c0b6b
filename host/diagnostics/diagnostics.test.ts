import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import type { BenchView, ImageView, SelfTestRow, UnitView } from '#contract/views.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { type ConsoleBench, NO_SIGNAL, openConsoleBench } from '#testing/console-bench.ts'
import { fakeHost } from '#testing/fake-host.ts'
import { openDiagnostics } from './diagnostics.ts'
import { type SelfTestSystem, selfTest, THIS_SYSTEM } from './self-test.ts'

let room: Room
let bench: ConsoleBench
before(async () => {
  room = await openRoom()
  bench = await openConsoleBench(room, { name: 'station', disks: 1 })
})
after(async () => {
  await bench?.[Symbol.asyncDispose]()
  await room[Symbol.asyncDispose]()
})

const bundleOf = async (withAddresses = false) =>
  await bench.console.calls['diagnostics.bundle']({ withAddresses }, NO_SIGNAL)

/** Secrets, each in a place through which it could get into a bundle. */
const SECRETS = {
  log: 'log-Secret-0001',
  operator: 'operator-Secret-0002',
  neverTouch: 'serial-Secret-0003',
  ssh: 'AAAAC3NzaC1lZDI1NTE5AAAAISecret0004Secret0004',
  wifi: 'wifi-Secret-0005',
  config: 'config-Secret-0006',
} as const

test('secrets that were planted everywhere are not in the bundle, and it says what it took out', async () => {
  const { calls, log } = bench.console
  const folder = room.path('config')
  mkdirSync(folder)
  writeFileSync(join(folder, 'config.yaml'), `api_key: ${SECRETS.config}\nsite_id: s\n`)
  const provision = {
    units: [bench.units[0]],
    image: bench.image,
    boot: null,
    layout: room.path('small.yaml'),
    slots: 'A',
    config: null,
    allowOlder: null,
  } as const
  const planned = await calls['plan.provision']({ ...provision, units: [...provision.units] }, NO_SIGNAL)
  assert.ok((await bench.run(planned)).jobs[0].report)
  await calls['settings.change']({ operator: SECRETS.operator, neverTouch: [SECRETS.neverTouch, 'S-2'] }, NO_SIGNAL)
  log(`call failed: Authorization: Bearer ${SECRETS.log}`)
  log(`ssh_authorized_keys: ssh-ed25519 ${SECRETS.ssh} ada@laptop`)
  log(`nm: psk=${SECRETS.wifi} on 192.168.7.31 (fe80::1)`)
  log('opened /home/ada/disk.img')
  log(`config:\napi_key: ${SECRETS.config}`)
  log(readFileSync(join(bench.data, 'station-key.asc'), 'utf8'))
  const { text, removed, name } = await bundleOf()
  for (const [where, secret] of Object.entries(SECRETS)) assert.ok(!text.includes(secret), where)
  const key = readFileSync(join(bench.data, 'station-key.asc'), 'utf8').split('\n')
  for (const line of key.filter((each) => each.length > 30)) assert.ok(!text.includes(line))
  assert.ok(!/192\.168\.7\.31|fe80::1|\/home\/ada/.test(text))
  for (const what of ['named secret', 'private key', 'IP address', 'SSH key', 'name of a home folder'])
    assert.ok(
      removed.some((each) => each.endsWith(what)),
      `${what}: ${removed.join(', ')}`,
    )
  assert.deepEqual(JSON.parse(text).removed, removed)
  assert.match(name, /^twinslot-support-[\dTZ-]+\.json$/)
})

test('addresses are in it when they were asked for, secrets even then not', async () => {
  const { text } = await bundleOf(true)
  assert.ok(text.includes('192.168.7.31'))
  assert.ok(!text.includes(SECRETS.wifi))
})

test('it tells what helps: versions, the self-test, the bench with serials, jobs, log and the last certificates', async () => {
  const bundle = JSON.parse((await bundleOf()).text)
  assert.equal(bundle.schema, 'twinslot-support/1')
  assert.equal(bundle.versions.twinslot, '0.1.0')
  assert.ok(bundle.selfTest.length >= 8)
  assert.equal(bundle.bench.units.length, 1)
  assert.equal(bundle.jobs[0].jobs[0].state, 'verified')
  assert.equal(bundle.reports[0].schema, 'twinslot-certificate/1')
  assert.ok(bundle.log.length > 0)
  assert.equal(bundle.settings.neverTouch, 2)
})

const unit = (change: Partial<UnitView>): UnitView => ({
  token: 't',
  key: 'k',
  kind: 'disk',
  path: '/nonexistent/sdx',
  model: null,
  serial: 'S',
  size: 1,
  attachment: 'usb',
  port: '',
  removable: true,
  twin: false,
  content: 'blank',
  known: { lastJob: null, content: null, unfinished: null },
  summary: { kind: 'nothing' },
  partitions: [],
  recovery: null,
  tableSides: null,
  configAge: null,
  configAgainst: { read: null, restore: null },
  refusals: [],
  warnings: [],
  ...change,
})
const EMPTY: BenchView = { units: [], hidden: [], problem: null }

async function rowsFor(
  t: { after(fn: () => void): void },
  change: Partial<SelfTestSystem>,
  view = EMPTY,
  images: readonly ImageView[] = [],
  realRunner = false,
): Promise<ReadonlyMap<string, SelfTestRow>> {
  const folder = mkdtempSync(join(tmpdir(), 'twinslot-selftest-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  using real = fakeHost(folder)
  const noRunner = { ...real, runnerFor: async () => ({ command: '/nonexistent/runner', args: [], env: {} }) }
  const host = realRunner ? real : noRunner
  const rows = await selfTest(host, { bench: () => view, images: () => images }, { ...THIS_SYSTEM, ...change })
  return new Map(rows.map((row) => [row.name, row]))
}

const kindsOf = (row: SelfTestRow | undefined): readonly string[] => (row?.found ?? []).map(({ kind }) => kind)

test('the self-test starts a real runner and looks at this machine', async (t) => {
  const rows = await rowsFor(t, {}, EMPTY, [], true)
  assert.deepEqual([rows.get('Runner')?.state, kindsOf(rows.get('Runner'))], ['ok', ['runner']])
  assert.equal(rows.get('System')?.state, 'ok')
  assert.equal(kindsOf(rows.get('Disk space'))[0], 'space')
  assert.ok([...rows.values()].every(({ found }) => found.length > 0))
  const without = (await rowsFor(t, {})).get('Runner')
  const [why] = without?.found ?? []
  assert.deepEqual([without?.state, why.kind === 'problem' && why.problem.code], ['failed', 'runner.not-started'])
})

test('a polkit agent is told from none, and a console that runs as root needs none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'twinslot-proc-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, '1'))
  writeFileSync(join(folder, '1', 'comm'), 'systemd\n')
  const ask = async () => (await rowsFor(t, { uid: 1000, proc: folder, platform: 'linux' })).get('Consent')
  const path = process.env.PATH
  process.env.PATH = `${folder}:${path}`
  try {
    writeFileSync(join(folder, 'pkexec'), '#!/bin/sh\n', { mode: 0o755 })
    assert.deepEqual(kindsOf(await ask()), ['no-agent'])
    mkdirSync(join(folder, '77'))
    writeFileSync(join(folder, '77', 'comm'), 'polkit-gnome-au\n')
    assert.deepEqual((await ask())?.found, [{ kind: 'agent', agent: 'polkit-gnome-au' }])
    assert.equal((await ask())?.state, 'ok')
  } finally {
    process.env.PATH = path
  }
  assert.equal((await rowsFor(t, { uid: 0 })).get('Consent')?.state, 'ok')
})

test('a clock behind an image of the library is found, also when no time service can be asked', async (t) => {
  const created = new Date(Date.now() + 3_600_000).toISOString()
  const image = { created } as ImageView
  const row = (await rowsFor(t, {}, EMPTY, [image])).get('Clock')
  assert.equal(row?.state, 'failed')
  assert.deepEqual(row?.found[1], { kind: 'clock-behind', at: created })
})

test('slow USB is named with its port, and what cannot be seen is a warning, not a guess', async (t) => {
  const sys = mkdtempSync(join(tmpdir(), 'twinslot-sys-'))
  t.after(() => rmSync(sys, { recursive: true, force: true }))
  const usb = async (view = EMPTY) => (await rowsFor(t, { sys, platform: 'linux' }, view)).get('USB')
  assert.deepEqual([(await usb())?.state, kindsOf(await usb())], ['warning', ['usb-none']])
  const hub = (name: string, speed: string) => {
    mkdirSync(join(sys, 'bus/usb/devices', name), { recursive: true })
    writeFileSync(join(sys, 'bus/usb/devices', name, 'speed'), speed)
  }
  hub('usb1', '480\n')
  assert.deepEqual(kindsOf(await usb()), ['usb-fastest', 'usb-no-3'])
  hub('usb2', '10000\n')
  assert.equal((await usb())?.state, 'ok')
  mkdirSync(join(sys, 'class/block/sdx/device'), { recursive: true })
  writeFileSync(join(sys, 'class/block/sdx/device/speed'), '480\n')
  const view = { ...EMPTY, units: [unit({})] }
  assert.deepEqual((await usb(view))?.found[1], { kind: 'usb-slow', path: '/nonexistent/sdx', speed: 480 })
})

test('little room is a warning, too little a failure; a tool that every disk needs is not one that only some need', async (t) => {
  const space = async (gigabytes: number) => (await rowsFor(t, { free: async () => gigabytes * 1e9 })).get('Disk space')
  assert.deepEqual([(await space(0.9))?.state, kindsOf(await space(0.9))], ['failed', ['space', 'space-low']])
  assert.deepEqual([(await space(1.1))?.state, (await space(4.9))?.state], ['warning', 'warning'])
  assert.equal((await space(5.1))?.state, 'ok')
  const tools = async (...lacking: string[]) => {
    const missing = async (asked: readonly string[]) =>
      asked
        .filter((tool) => lacking.includes(tool))
        .map((tool) => ({ tool, package: tool, remedy: `apt install ${tool}` }))
    const row = (await rowsFor(t, { missing })).get('Tools')
    return [row?.state, kindsOf(row)]
  }
  assert.deepEqual(await tools('mke2fs', 'cryptsetup'), ['failed', ['tool-missing']])
  assert.deepEqual(await tools('cryptsetup', 'debugfs'), ['warning', ['tool-missing-for', 'tool-missing-for']])
  assert.deepEqual(await tools(), ['ok', ['tools']])
})

test('certificates that cannot be read keep nobody from getting help, and only the last few are asked for', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'twinslot-bundle-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  using host = fakeHost(folder)
  let asked = 0
  const { calls } = openDiagnostics(
    { ...host, runnerFor: async () => ({ command: '/nonexistent/runner', args: [], env: {} }) },
    {
      lines: () => ['a line'],
      bench: () => EMPTY,
      batches: () => [],
      images: () => [],
      async reports(count) {
        asked = count
        throw new EngineError('report.malformed', { name: 'odd.json', problem: 'it is not JSON in UTF-8' })
      },
    },
  )
  const { text } = await calls['diagnostics.bundle']({ withAddresses: false }, NO_SIGNAL)
  const bundle = JSON.parse(text)
  assert.deepEqual([bundle.reports.code, bundle.log, asked], ['report.malformed', ['a line'], 5])
})

test('disks that this user may not write are counted; an inventory that does not work is a failure', async (t) => {
  const rows = await rowsFor(t, { uid: 1000 }, { ...EMPTY, units: [unit({}), unit({ kind: 'virtual' })] })
  assert.deepEqual(rows.get('Permission')?.found, [{ kind: 'consent-each', count: 1, total: 1 }])
  const problem = { code: 'disk.inventory', message: 'The inventory does not work.', remedy: 'Help.', details: {} }
  assert.equal((await rowsFor(t, {}, { ...EMPTY, problem })).get('Disks')?.state, 'failed')
})
