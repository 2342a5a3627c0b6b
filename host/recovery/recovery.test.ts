import assert from 'node:assert/strict'
import { closeSync, copyFileSync, mkdirSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { seededGuid } from '#base/guid.ts'
import type { RepairKind, UnitView } from '#contract/views.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { encodeGpt } from '#format/gpt.ts'
import { ESP_PATH } from '#model/boot-state.ts'
import { type PartitionEntry, TYPE_GUID } from '#model/partition-table.ts'
import { writesInOrder } from '#testing/gpt.ts'
import { openJobsBench, JOBS_SIGNAL as signal } from '#testing/jobs-bench.ts'

let room: Room
before(async () => {
  room = await openRoom()
})
after(() => room[Symbol.asyncDispose]())

const IMAGE = 'i'.repeat(16)

/** A console's bench, jobs and recovery; `disk` is on its bench. */
async function consoleWith(name: string, disk: string) {
  const it = await openJobsBench(room, room.path(name))
  const { token } = await it.addFile(disk)
  const look = async (): Promise<UnitView> => {
    await it.bench.refresh(token)
    return it.bench.unit(token).view
  }
  return { ...it, token, look, plan: it.calls['plan.repair'] }
}

const SECTORS = 262_144
const entry = (number: number, firstLba: number, lastLba: number, name: string): PartitionEntry => ({
  number,
  typeGuid: TYPE_GUID.linux,
  uniqueGuid: seededGuid('sides', `${number} ${name}`),
  firstLba,
  lastLba,
  attributes: '0',
  name,
})

/** A disk whose two partition tables are whole and not alike. */
function tornDisk(path: string): string {
  const table = (entries: PartitionEntry[]) =>
    encodeGpt({ diskGuid: seededGuid('sides', 'disk'), sectorSize: 512, sectors: SECTORS, entries })
  writeFileSync(path, '')
  truncateSync(path, SECTORS * 512)
  const file = openSync(path, 'r+')
  const both = {
    primary: [entry(1, 2048, 9999, 'SYSTEM')],
    backup: [entry(1, 2048, 9999, 'SYSTEM'), entry(2, 10_000, 90_000, 'DATA')],
  }
  for (const side of ['primary', 'backup'] as const)
    for (const { offset, bytes } of writesInOrder(table(both[side])))
      if (offset < SECTORS * 256 === (side === 'primary')) writeSync(file, bytes, 0, bytes.length, offset)
  closeSync(file)
  return path
}

test('two whole partition tables that differ are shown side by side with what each would lose, and the chosen one is planned', async () => {
  using it = await consoleWith('torn', tornDisk(room.path('torn.img')))
  const { tableSides } = await it.look()
  assert.ok(tableSides)
  const names = (parts: UnitView['partitions']) => parts.map(({ name }) => name)
  assert.deepEqual(names(tableSides.primary.partitions), ['SYSTEM'])
  assert.deepEqual(names(tableSides.primary.lost), ['DATA'])
  assert.deepEqual(names(tableSides.backup.partitions), ['SYSTEM', 'DATA'])
  assert.deepEqual(names(tableSides.backup.lost), [])
  assert.deepEqual([tableSides.primary.against, tableSides.backup.against], [[], []])

  const repair = { unit: it.token, repair: 'partition-table', image: null } as const
  const nobody = await it.plan(repair, signal)
  assert.deepEqual(
    nobody.refused.flatMap(({ refusals }) => refusals.map(({ code }) => code)),
    ['plan.choose-table-side'],
    'no side is chosen for a person',
  )
  const primary = await it.plan({ ...repair, keep: 'primary' }, signal)
  assert.equal(primary.plans[0].erased.length, 1, 'what goes is named before it is confirmed')
  const { plans } = await it.plan({ ...repair, keep: 'backup' }, signal)
  assert.deepEqual(plans[0].erased, [])
  const ended = await it.finished(await it.start(plans))
  assert.equal(ended.jobs[0].state, 'verified', JSON.stringify(ended.jobs[0].diagnosis))
  const now = await it.look()
  assert.deepEqual([now.tableSides, names(now.partitions)], [null, ['SYSTEM', 'DATA']])
})

const NEEDS_IMAGE: ReadonlySet<RepairKind> = new Set(['boot-loader', 'slot-record'])

/** Damages of the ESP, by the files that are overwritten, with the repairs that are offered then. */
const DAMAGES: readonly (readonly [
  files: readonly string[],
  offered: readonly RepairKind[],
  against: readonly string[],
])[] = [
  [[ESP_PATH.grubenv, ESP_PATH.grubenv2], ['environment'], []],
  [[ESP_PATH.ab_state], ['ab-state'], []],
  [['EFI/BOOT/BOOTX64.EFI'], ['boot-loader'], []],
  [[ESP_PATH.slots], ['slot-record'], []],
  // Nothing says any more what a slot holds: no slot can be called good, and the repair would be refused.
  [[ESP_PATH.grubenv, ESP_PATH.grubenv2, ESP_PATH.good, ESP_PATH.slots], ['slot-record'], ['repair.no-candidate']],
]

test('each repair that a unit offers was planned and would be done; one that would be refused is shown with the reasons', async () => {
  const whole = room.path('whole.img')
  const args = ['provision', whole, '--create', '192MiB', '--layout', room.path('small.yaml')]
  const done = await room.run([...args, '--release', room.release, '--trust', room.trust, '--yes'])
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  const zeros = room.path('zeros')
  writeFileSync(zeros, Buffer.alloc(1024))
  for (const [at, [files, offered, reasons]] of DAMAGES.entries()) {
    const disk = room.path(`damaged-${at}.img`)
    copyFileSync(whole, disk)
    for (const file of files) assert.equal((await room.run(['esp', 'put', disk, file, zeros, '--yes'])).exit, 0, file)
    using it = await consoleWith(`host-${at}`, disk)
    const { recovery } = await it.look()
    assert.ok(recovery)
    const repairs = new Set(recovery.damage.flatMap(({ repair }) => repair ?? []))
    const against = new Set(recovery.damage.flatMap((each) => each.against.map(({ code }) => code)))
    assert.deepEqual([[...repairs], [...against]], [offered, reasons], files.join(', '))
    for (const repair of repairs) {
      const image = NEEDS_IMAGE.has(repair) ? IMAGE : null
      const { plans, refused } = await it.plan({ unit: it.token, repair, image }, signal)
      assert.deepEqual([plans.length, refused], [1, []], `${files.join(', ')}: ${repair}`)
    }
  }
})

const OWN_PARTITION = `name: own
description: small
partitions:
  - { role: esp, name: ESP, size: 64 MiB, filesystem: fat32, label: ESP, mount: /boot }
  - { role: slot-a, name: SLOT-A, size: 16 MiB, filesystem: none }
  - { role: slot-b, name: SLOT-B, size: 16 MiB, filesystem: none }
  - { role: config, name: CONFIG, size: 16 MiB, filesystem: ext4, label: CONFIG, mount: /config }
  - { role: data, name: DATA, size: rest, filesystem: ext4, label: DATA, mount: /data }
`

test('what a unit says against reading and replacing its /config is what both are refused for', async () => {
  writeFileSync(room.path('own.yaml'), OWN_PARTITION)
  mkdirSync(room.path('settings'))
  writeFileSync(room.path('settings/a.yaml'), 'a: 1\n')
  const data = (1 + 64 + 16 + 16) * 2 ** 20
  const unit = async (name: string, layout: string, head: Buffer | null) => {
    const disk = room.path(`${name}.img`)
    const args = [
      'provision',
      disk,
      '--create',
      '192MiB',
      '--layout',
      room.path(layout),
      '--config',
      room.path('settings'),
    ]
    const done = await room.run([...args, '--release', room.release, '--trust', room.trust, '--yes'])
    assert.equal(done.exit, 0, JSON.stringify(done.result))
    const file = openSync(disk, 'r+')
    if (head) writeSync(file, head, 0, head.length, data)
    closeSync(file)
    return [name, disk] as const
  }
  const nothing = Buffer.alloc(8192)
  const luks = Buffer.concat([Buffer.from('LUKS\xba\xbe', 'latin1'), nothing])
  for (const [name, disk] of [
    await unit('plain', 'small.yaml', null),
    await unit('inside-lost', 'small.yaml', nothing),
    await unit('inside-luks', 'small.yaml', luks),
    await unit('own-lost', 'own.yaml', nothing),
    await unit('own-luks', 'own.yaml', luks),
  ]) {
    using it = await consoleWith(`host-${name}`, disk)
    const { configAgainst } = await it.look()
    const read = await it.calls['config.open']({ file: null, unit: it.token }, signal).then(
      () => null,
      (error: { code: string }) => error.code,
    )
    assert.equal(configAgainst.read?.code ?? null, read, `${name}: read`)
    const { draft } = await it.calls['config.open']({ file: room.path('settings'), unit: null }, signal)
    const { refused } = await it.calls['plan.restore']({ unit: it.token, draft }, signal)
    const codes = refused.flatMap(({ refusals }) => refusals.map(({ code }) => code))
    assert.deepEqual(configAgainst.restore ? [configAgainst.restore.code] : [], codes, `${name}: restore`)
    const expected = { plain: [null, 0], 'own-lost': ['restore.no-place', 0] }[name] ?? [read, 1]
    assert.deepEqual([read, codes.length], expected, name)
  }
})
