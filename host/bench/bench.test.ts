import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import type { DiskInfo } from '#model/disk.ts'
import { type KernelLine, parseKernelLine } from '#node/boot/kernel-line.ts'
import { inspectFileAsDisk } from '#node/disk/inventory.ts'
import { lookAt } from '#node/job/station.ts'
import { buildDisk } from '#testing/builders.ts'
import { eventually, fakeHost } from '#testing/fake-host.ts'
import { openBench } from './bench.ts'
import type { Look } from './look.ts'
import { pathFor } from './unit-view.ts'

let room: Room
before(async () => {
  room = await openRoom()
})
after(() => room[Symbol.asyncDispose]())

const files = { path: (token: string) => token }
const noDisks = async () => ({ disks: [], notes: [] })
const needs = { signerNames: async () => new Map<string, string>(), history: () => [], files, listDisks: noDisks }
const { signal } = new AbortController()

test('a virtual disk that is made here appears on the bench, blank, and is gone again when it is removed', async () => {
  using host = fakeHost(room.path('host-a'))
  const bench = await openBench(host, needs)
  const unit = await bench.calls['bench.create-virtual']({ name: 'T640 one', size: 2e9 }, signal)
  assert.equal(unit.content, 'blank')
  assert.equal(unit.kind, 'virtual')
  assert.deepEqual(unit.refusals, [])
  assert.equal(bench.view().units.length, 1)
  await assert.rejects(bench.calls['bench.create-virtual']({ name: 'T640 one', size: 2e9 }, signal), {
    code: 'disk.file-exists',
  })
  await bench.calls['bench.remove-virtual']({ unit: unit.token, erase: true }, signal)
  assert.deepEqual(bench.view().units, [])
  assert.throws(() => bench.unit(unit.token), { code: 'host.unknown-token' })
})

test('what a provisioned disk holds is shown, and a change from outside is noticed without a rescan', async () => {
  const disk = room.path('seen.img')
  writeFileSync(disk, '')
  truncateSync(disk, 300_000_000)
  mkdirSync(room.path('config'))
  writeFileSync(room.path('config/version'), '2\n')
  const args = [
    'provision',
    disk,
    '--config',
    room.path('config'),
    '--release',
    room.release,
    '--trust',
    room.trust,
    '--layout',
    room.path('small.yaml'),
  ]
  assert.equal((await room.run([...args, '--yes'])).exit, 0)
  copyFileSync(disk, room.path('own.img'))
  using host = fakeHost(room.path('host-b'))
  const bench = await openBench(host, needs)
  const unit = await bench.calls['bench.add-file']({ file: disk }, signal)
  assert.equal(unit.content, 'appliance')
  assert.deepEqual(
    unit.partitions.map(({ role }) => role),
    ['esp', 'slot-a', 'slot-b', 'data'],
  )
  assert.ok(Math.abs(Date.parse(unit.configAge ?? '') - Date.now()) < 3_600_000, `config of ${unit.configAge}`)
  assert.equal(unit.recovery?.slots.A.verdict, 'Good')
  assert.equal(unit.recovery?.slots.A.version, '1.0.0')
  assert.equal(unit.recovery?.slots.B.verdict, 'Empty')
  assert.equal(unit.recovery?.bootsNext?.slot, 'A')
  assert.equal((await room.run(['slot', 'bad', disk, 'A', '--force', 'test', '--yes'])).exit, 0)
  await eventually(() => bench.unit(unit.token).view.recovery?.slots.A.verdict === 'Bad')

  const checked = await bench.calls['unit.check-slots']({ unit: unit.token }, signal)
  assert.equal(checked.recovery?.slots.A.checked, 'equal')
  const size = checked.recovery?.slots.A.size
  const told = host.told.flatMap((news) => (news.type === 'checks' ? news.checks : []))
  assert.ok(
    size && told.length > 0 && told.every(({ about, totalBytes }) => about === unit.token && totalBytes === size),
  )

  const stopped = bench.calls['unit.check-slots']({ unit: unit.token }, signal)
  await eventually(() => host.checks.views().length === 1)
  host.checks.stop(unit.token)
  await assert.rejects(stopped, { code: 'job.cancelled' })
  assert.equal(bench.unit(unit.token).view.recovery?.slots.A.checked, 'equal', 'what was known before stays')
  const at = checked.partitions[1].offset
  const { openSync, writeSync, closeSync } = await import('node:fs')
  const handle = openSync(disk, 'r+')
  writeSync(handle, Buffer.from('damage'), 0, 6, at + 1_000_000)
  closeSync(handle)
  const again = await bench.calls['unit.check-slots']({ unit: unit.token }, signal)
  assert.equal(again.recovery?.slots.A.checked, 'differs')
  rmSync(disk)
  await eventually(() => bench.view().units.length === 0)
})

test('system disks are hidden with a reason; mounted and never-touch disks are shown, but not offered', async () => {
  const plugged: DiskInfo[] = [
    buildDisk({ path: '/dev/nvme0n1', system: true, mounts: ['/'] }),
    buildDisk({
      path: '/dev/sdb',
      mounts: ['/media/stick'],
      identity: { serial: 'M1', wwn: null, size: 16e9, busPath: 'b' },
    }),
    buildDisk({ path: '/dev/sdc', identity: { serial: 'KEEP-1', wwn: null, size: 16e9, busPath: 'c' } }),
  ]
  using host = fakeHost(room.path('host-c'))
  host.change({ neverTouch: ['keep-1'] })
  const bench = await openBench(host, { ...needs, listDisks: async () => ({ disks: plugged, notes: [] }) })
  const { units, hidden } = bench.view()
  assert.deepEqual(
    hidden.map(({ reason }) => reason.code),
    ['disk.system'],
  )
  const codes = units.map(({ refusals }) => refusals.map(({ code }) => code))
  assert.ok(codes[0].includes('disk.mounted'))
  assert.ok(codes[1].includes('runner.never-touch'))
})

test('the disk that the console itself runs from is shown with the slot that runs, refused for writing; a copy is not it', async () => {
  // As the test before this one provisioned it.
  const image = room.path('own.img')
  const disk = await inspectFileAsDisk(image)
  const own: DiskInfo = { ...disk, system: true, mounts: ['/'] }
  const { table } = await lookAt(image)
  const guid = table?.entries.find(({ name }) => name === 'SLOT-A')?.uniqueGuid
  const kernelLine = parseKernelLine(`ab.partition=A root=PARTUUID=${guid} ro`)
  const see = async (disks: DiskInfo[], line: KernelLine | null) => {
    using host = fakeHost(room.path(`host-own-${disks.length}-${line === null}`))
    const bench = await openBench(host, { ...needs, listDisks: async () => ({ disks, notes: [] }), kernelLine: line })
    return bench.view()
  }
  const seen = await see([own], kernelLine)
  assert.deepEqual(seen.hidden, [])
  assert.equal(seen.units[0].recovery?.running, 'A')
  assert.deepEqual(
    seen.units[0].refusals.map(({ code }) => code),
    ['disk.system'],
  )
  // Without a line of an appliance's boot loader it is a system disk like any other.
  const elsewhere = await see([own], null)
  assert.deepEqual([elsewhere.units.length, elsewhere.hidden.map(({ reason }) => reason.code)], [0, ['disk.system']])

  const copy = room.path('copy.img')
  copyFileSync(image, copy)
  const detached = await inspectFileAsDisk(copy)
  const both = await see([own, detached], kernelLine)
  assert.deepEqual(
    both.units.map(({ recovery }) => recovery?.running),
    ['A', null],
  )
  const unsure = await see([own, { ...detached, system: true, mounts: ['/boot'] }, detached], kernelLine)
  assert.deepEqual([unsure.units.map(({ recovery }) => recovery?.running), unsure.hidden.length], [[null], 2])
})

test('two identical units are not offered until one is unplugged and plugged in again', async () => {
  const twin = (busPath: string) =>
    buildDisk({ path: `/dev/${busPath}`, identity: { serial: 'SAME', wwn: null, size: 16e9, busPath } })
  let plugged = [twin('sdb'), twin('sdc')]
  using host = fakeHost(room.path('host-d'))
  const bench = await openBench(host, { ...needs, listDisks: async () => ({ disks: plugged, notes: [] }) })
  const twinCodes = () => bench.view().units.map(({ refusals }) => refusals.some(({ code }) => code === 'host.twin'))
  assert.deepEqual(twinCodes(), [true, true])
  plugged = [twin('sdc')]
  await bench.refresh()
  plugged = [twin('sdb'), twin('sdc')]
  await bench.refresh()
  assert.deepEqual(twinCodes().sort(), [false, true])
})

test('a unit in a deep folder is called by its own name, not by the beginning of its path', () => {
  const path = `/home/technician/${'folder/'.repeat(20)}T640.img`
  assert.equal(pathFor(path).length, 64)
  assert.equal(pathFor(path).split('/').at(-1), 'T640.img')
  assert.equal(pathFor('/dev/sda'), '/dev/sda')
  assert.equal(pathFor(`/a/${'x'.repeat(90)}`).length, 64)
})

test('rounds do not pile up, and no round waits for a unit that does not answer', async () => {
  let rounds = 0
  let underWay = 0
  let most = 0
  const disks = Array.from({ length: 62 }, (_, i) =>
    buildDisk({ path: `/dev/sd${i}`, identity: { serial: `S-${i}`, wwn: null, size: 16e9, busPath: `bus-${i}` } }),
  )
  const slow = async () => {
    underWay += 1
    most = Math.max(most, underWay)
    await new Promise((resolve) => setTimeout(resolve, 20))
    underWay -= 1
    rounds += 1
    return { disks, notes: [] }
  }
  // The first disk is dying: reading it never ends.
  const looking = new Set<string>()
  let together = 0
  const lookAtUnit = async (disk: DiskInfo): Promise<Look> => {
    looking.add(disk.path)
    together = Math.max(together, looking.size)
    if (disk.path === '/dev/sd0') await new Promise<never>(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    looking.delete(disk.path)
    return {
      seen: null,
      damage: [],
      problem: null,
      warnings: [],
      configAge: null,
      configAgainst: { read: null, restore: null },
    }
  }
  using host = fakeHost(room.path('host-many'))
  const bench = await openBench(host, { ...needs, listDisks: slow, lookAtUnit })
  await Promise.all([
    bench.refresh('nobody'),
    ...Array.from({ length: 30 }, () =>
      bench.calls['bench.create-virtual']({ name: 'x', size: 2e9 }, signal).catch(() => null),
    ),
  ])
  assert.equal(most, 1, 'one round at a time')
  assert.ok(rounds < 10, `30 that asked at once shared rounds: ${rounds}`)
  const { units } = bench.view()
  assert.equal(units.find(({ path }) => path === '/dev/sd0')?.content, 'looking')
  assert.equal(units.filter(({ kind, content }) => kind === 'disk' && content === 'unreadable').length, 61)
  assert.ok(together <= 4, `${together} read at once`)
  assert.ok(
    units.find(({ kind }) => kind === 'virtual'),
    'a new unit is there although another does not answer',
  )
})

test('what was found of a disk is there at the next start, with the times; a job that was cut off is unfinished', async () => {
  const disk = room.path('kept.img')
  copyFileSync(room.path('own.img'), disk)
  const data = room.path('host-kept')
  const job = {
    kind: 'flash',
    target: disk,
    at: '2026-11-22T14:00:00.000Z',
    by: 'test',
    trust: room.trust,
    journal: data,
    release: room.release,
    slot: 'B',
    changedOnly: true,
    allowOlder: null,
  } as const
  let checkedAt: string | null = null
  {
    using host = fakeHost(data)
    const bench = await openBench(host, needs)
    const { token } = await bench.calls['bench.add-file']({ file: disk }, signal)
    const { recovery } = await bench.calls['unit.check-slots']({ unit: token }, signal)
    assert.equal(recovery?.slots.A.checked, 'equal')
    checkedAt = recovery.slots.A.checkedAt
    await bench.began(token, job)
  }
  {
    using host = fakeHost(data)
    const bench = await openBench(host, needs)
    const [unit] = bench.view().units
    assert.equal(unit.known.lastJob?.outcome, 'interrupted')
    assert.deepEqual([unit.known.unfinished?.kind, unit.known.unfinished?.obstacle], ['flash', null])
    assert.deepEqual(bench.unfinished(unit.token), job)
    assert.equal(unit.recovery?.slots.A.checkedAt, checkedAt, 'the other slot is not its business')
  }
  // Written while no console looked.
  writeFileSync(disk, Buffer.alloc(1), { flag: 'r+' })
  using host = fakeHost(data)
  const bench = await openBench(host, needs)
  assert.equal(bench.view().units[0].recovery?.slots.A.checked, 'not-checked')
})

test('a disk that is written as a whole is not said to hold what it held before, until it was read anew', async () => {
  const disk = room.path('first.img')
  writeFileSync(disk, '')
  truncateSync(disk, 300_000_000)
  using host = fakeHost(room.path('host-first'))
  const bench = await openBench(host, needs)
  const { token } = await bench.calls['bench.add-file']({ file: disk }, signal)
  const content = () => bench.unit(token).view.content
  assert.equal(content(), 'blank')
  const hold = bench.hold(token)
  await bench.began(token, {
    kind: 'provision',
    target: disk,
    at: '2026-11-22T14:00:00.000Z',
    by: 'test',
    trust: room.trust,
    journal: room.path('host-first'),
    release: room.release,
    boot: null,
    layout: 'hp-t640',
    slots: ['A'],
    config: null,
    luksKey: null,
    seed: null,
    allowOlder: null,
  })
  assert.equal(content(), 'being-written')
  assert.equal(bench.view().units[0].content, 'being-written', 'windows are told')
  copyFileSync(room.path('own.img'), disk)
  await bench.refresh()
  assert.equal(content(), 'being-written')
  await bench.ended(token, { outcome: 'done', written: true, proven: {} })
  assert.equal(content(), 'looking', 'never blank again')
  hold[Symbol.dispose]()
  await bench.refresh(token)
  assert.equal(content(), 'appliance')
})

test('a blank disk that somebody else writes is not called blank before it was read again', async () => {
  const disk = room.path('elsewhere.img')
  writeFileSync(disk, '')
  truncateSync(disk, 300_000_000)
  using host = fakeHost(room.path('host-elsewhere'))
  const bench = await openBench(host, needs)
  const { token } = await bench.calls['bench.add-file']({ file: disk }, signal)
  assert.equal(bench.unit(token).view.content, 'blank')
  using _held = bench.hold(token)
  writeFileSync(disk, Buffer.alloc(512, 1), { flag: 'r+' })
  await bench.refresh()
  assert.equal(bench.unit(token).view.content, 'being-written')
})

test('a file of known disks that is damaged is set aside, and the bench opens', async () => {
  const data = room.path('host-damaged')
  mkdirSync(data)
  writeFileSync(`${data}/disks.json`, '{"schema": "twinslot-disks/1", "disks": [["key", {}]]}')
  using host = fakeHost(data)
  await openBench(host, needs)
  assert.ok(host.lines.some((line) => line.includes('disks.json.damaged')))
})
