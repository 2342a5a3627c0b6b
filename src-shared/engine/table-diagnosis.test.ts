// What is said about a partition table is proven by its bytes, what is advised would be done, and what is planned is done:
// over many damaged disks, planner, advice and repair are compared with each other.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alignUp, viewOf } from '#base/bytes.ts'
import { crc32 } from '#base/crc32.ts'
import { explain } from '#base/errors.ts'
import { seededGuid } from '#base/guid.ts'
import { encodeGpt, usableSectors } from '#format/gpt.ts'
import { type PartitionEntry, type PartitionTable, TYPE_GUID } from '#model/partition-table.ts'
import { damageOf } from '#plan/repair-facts.ts'
import { planRepair } from '#plan/repair-table.ts'
import { AT, BY } from '#testing/builders.ts'
import { writesInOrder } from '#testing/gpt.ts'
import { type MemoryDisk, memoryDisk } from '#testing/memory-disk.ts'
import { jobOn, sightOf } from '#testing/small-job.ts'
import { readGpt, type Sight } from './observe.ts'
import { runPlan } from './run-plan.ts'

const SECTORS = 4096

function entry(number: number, firstLba: number, lastLba: number, name: string): PartitionEntry {
  const uniqueGuid = seededGuid('diagnosis', `${number} ${name}`)
  return { number, typeGuid: TYPE_GUID.linux, uniqueGuid, firstLba, lastLba, attributes: '0', name }
}

/** `full`: the last partition ends with the last usable sector. */
function tableOf(sectorSize: number, full: boolean, name = 'DATA'): PartitionTable {
  const last = full ? usableSectors(SECTORS, sectorSize).last : 3000
  const entries = [entry(1, 64, 999, 'SYSTEM'), entry(2, 1000, last, name)]
  return { diskGuid: seededGuid('diagnosis', 'disk'), sectorSize, sectors: SECTORS, entries }
}

function diskWith(table: PartitionTable, sectors: number = SECTORS): MemoryDisk {
  const disk = memoryDisk({ size: sectors * table.sectorSize, sectorSize: table.sectorSize, path: '/dev/sdz' })
  for (const { offset, bytes } of writesInOrder(encodeGpt(table))) {
    const room = disk.size - offset
    if (room > 0) disk.pages.write(offset, bytes.subarray(0, room))
  }
  return disk
}

const spoil = (disk: MemoryDisk, at: number) => disk.pages.write(at, new Uint8Array([disk.peek(at, 1)[0] ^ 0xff]))
const keptRequest = (keep?: 'primary' | 'backup') =>
  ({ kind: 'repair-table', at: AT, by: BY, ...(keep ? { keep } : {}) }) as const
const codesOf = (seen: Sight) => seen.tableFindings.map(({ code }) => code)

/** Every damage that a byte, a size or another table can be, by name. */
function* corpus(): Generator<readonly [string, MemoryDisk]> {
  for (const sectorSize of [512, 4096])
    for (const full of [false, true]) {
      const table = tableOf(sectorSize, full)
      const name = `${sectorSize}${full ? ' full' : ''}`
      for (const by of [-2000, -40, -2, -1, 0, 1, 5, 3000])
        yield [`${name} ${by} sectors`, diskWith(table, SECTORS + by)]
      const places = { mbr: 510, header: sectorSize + 60, entries: 2 * sectorSize + 40 }
      const last = { header: (SECTORS - 1) * sectorSize + 60, entries: usableSectors(SECTORS, sectorSize).last + 1 }
      const spots: readonly (readonly number[])[] = [
        [places.mbr],
        [places.header],
        [places.entries],
        [last.header],
        [last.entries * sectorSize + 40],
        [places.header, last.header],
        [places.entries, last.entries * sectorSize + 40],
        [places.mbr, places.header],
        [places.mbr, places.header, last.header],
      ]
      for (const spot of spots) {
        const disk = diskWith(table)
        for (const at of spot) spoil(disk, at)
        yield [`${name} spoiled at ${spot}`, disk]
        if (!spot.includes(places.header)) continue
        const shorter = memoryDisk({ size: disk.size - sectorSize, sectorSize, pages: disk.pages })
        yield [`${name} spoiled at ${spot} and one sector shorter`, shorter]
      }
      for (const type of [0x07, 0x83]) {
        const foreign = diskWith(table)
        foreign.pages.write(450, new Uint8Array([type]))
        yield [`${name} foreign MBR ${type}`, foreign]
        const hybrid = diskWith(table)
        hybrid.pages.write(446 + 16 + 4, new Uint8Array([type]))
        yield [`${name} hybrid MBR ${type}`, hybrid]
      }
      yield [`${name} other backup`, otherBackup(table, tableOf(sectorSize, full, 'LOGS'))]
    }
  for (const [made, seen] of [
    [512, 4096],
    [4096, 512],
  ] as const) {
    const disk = diskWith(tableOf(made, false))
    yield [`${made} seen through ${seen}`, memoryDisk({ size: disk.size, sectorSize: seen, pages: disk.pages })]
  }
  yield ['blank', memoryDisk({ size: SECTORS * 512 })]
}

function otherBackup(table: PartitionTable, other: PartitionTable): MemoryDisk {
  const disk = diskWith(table)
  const { backupEntries, backupHeader } = encodeGpt(other)
  for (const { offset, bytes } of [backupEntries, backupHeader]) disk.pages.write(offset, bytes)
  return disk
}

test('what the planner accepts the repair does, and what it refuses changes nothing', async () => {
  let [accepted, refused] = [0, 0]
  for (const [name, disk] of corpus())
    for (const keep of [undefined, 'primary', 'backup'] as const) {
      const mine = memoryDisk({ size: disk.size, sectorSize: disk.sectorSize, pages: disk.pages, path: disk.path })
      const plan = planRepair(keptRequest(keep), await sightOf(mine))
      if (!plan.ok) {
        refused++
        assert.ok(plan.refusals.length > 0, name)
        continue
      }
      accepted++
      await runPlan(plan.value, jobOn(mine, null)).catch((error: unknown) => assert.fail(`${name} ${keep}: ${error}`))
      const { findings, table } = await readGpt(mine)
      assert.deepEqual(
        findings.filter(({ code }) => code !== 'gpt.mbr-hybrid'),
        [],
        `${name} ${keep}`,
      )
      const [step] = plan.value.steps
      assert.deepEqual(step.type === 'repair-table' && step.table.entries, table?.entries, `${name} ${keep}`)
    }
  assert.ok(accepted > 50 && refused > 50, `${accepted} accepted, ${refused} refused`)
})

test('no remedy names a repair that its planner would refuse, and no repair is offered that would be', async () => {
  for (const [name, disk] of corpus()) {
    const seen = await sightOf(disk)
    const plain = planRepair(keptRequest(), seen)
    for (const each of seen.tableFindings) {
      const { remedy, message } = explain(each)
      assert.doesNotMatch(message + remedy, /[{}]|sgdisk/, name)
      if (!remedy.includes('"twinslot table repair"')) continue
      const sides = remedy.includes('--keep') ? (['primary', 'backup'] as const) : [undefined]
      for (const keep of sides) {
        const plan = planRepair(keptRequest(keep), seen)
        assert.ok(plan.ok, `${name}: ${each.code} advises what is refused: ${JSON.stringify(plan)}`)
      }
    }
    for (const { finding, repair } of damageOf(seen, null))
      if (repair === 'partition-table') assert.ok(plain.ok, `${name}: ${finding.code}`)
    if (plain.ok) continue
    for (const refusal of plain.refusals)
      assert.doesNotMatch(
        explain(refusal).remedy,
        /"twinslot table repair"/,
        `${name}: ${refusal.code} sends round in a circle`,
      )
  }
})

test('the cause is named with both numbers', async () => {
  const cases: readonly (readonly [MemoryDisk, string, readonly RegExp[]])[] = [
    [
      memoryDisk({ size: SECTORS * 512, sectorSize: 4096, pages: diskWith(tableOf(512, false)).pages }),
      'gpt.other-sector-size',
      [/512/, /4096/],
    ],
    [diskWith(tableOf(512, true), SECTORS - 2000), 'gpt.disk-shrunk', [/4096/, /2096/]],
    [diskWith(tableOf(512, true), SECTORS - 1), 'gpt.disk-shrunk', [/4096/, /4095/]],
    [memoryDisk({ size: SECTORS * 512 }), 'gpt.no-table', [/\b1\b/, /4095/]],
  ]
  for (const [disk, code, numbers] of cases) {
    const plan = planRepair(keptRequest(), await sightOf(disk))
    const [first] = plan.ok ? [] : plan.refusals
    assert.equal(first?.code, code)
    const seen = await sightOf(disk)
    const { message } = explain(seen.tableFindings[0] ?? first)
    for (const number of numbers) assert.match(message, number)
  }
  const foreign = diskWith(tableOf(512, false))
  foreign.pages.write(450, new Uint8Array([0x83]))
  assert.match(explain((await sightOf(foreign)).tableFindings[0]).message, /0x83.*0xee/)
})

test('two intact tables that differ: what each would lose is said, and only a chosen side is kept', async () => {
  const disk = otherBackup(tableOf(512, false), tableOf(512, false, 'LOGS'))
  const seen = await sightOf(disk)
  assert.deepEqual(codesOf(seen), ['gpt.sides-disagree'])
  const asked = planRepair(keptRequest(), { ...seen, disk: { ...seen.disk, path: '/dev/sd z' } })
  assert.deepEqual(asked.ok ? [] : asked.refusals.map(({ code }) => code), ['plan.choose-table-side'])
  const { message, remedy } = explain((asked.ok ? [] : asked.refusals)[0])
  assert.match(message, /primary would lose partition 2 "LOGS".*backup would lose partition 2 "DATA"/)
  assert.match(
    remedy,
    /"twinslot table repair '\/dev\/sd z' --keep primary" or "twinslot table repair .* --keep backup"/,
  )
  for (const [keep, stays, goes] of [
    ['primary', 'DATA', 'LOGS'],
    ['backup', 'LOGS', 'DATA'],
  ] as const) {
    const mine = memoryDisk({ size: disk.size, pages: disk.pages, path: disk.path })
    const plan = planRepair(keptRequest(keep), await sightOf(mine))
    assert.ok(plan.ok)
    assert.deepEqual(plan.value.kept, [], 'not every partition is kept')
    assert.deepEqual(
      plan.value.erased.map((each) => 'name' in each && each.name),
      [goes],
    )
    await runPlan(plan.value, jobOn(mine, null))
    const after = await readGpt(mine)
    assert.deepEqual(after.findings, [])
    assert.deepEqual(
      after.table?.entries.map(({ name }) => name),
      ['SYSTEM', stays],
    )
  }
})

test('a side that is not intact cannot be kept', async () => {
  const disk = diskWith(tableOf(512, false))
  spoil(disk, 512 + 60)
  const plan = planRepair(keptRequest('primary'), await sightOf(disk))
  assert.deepEqual(plan.ok ? [] : plan.refusals.map(({ code }) => code), ['plan.table-side-damaged'])
})

/** The primary side with its array at another place, or of other measures, as other tools write it. */
function arrayElsewhere(disk: MemoryDisk, table: PartitionTable, at: number, count: number, size: number): void {
  const { sectorSize } = disk
  const old = encodeGpt(table)
  const array = new Uint8Array(alignUp(count * size, sectorSize))
  for (const each of table.entries) {
    const bytes = old.primaryEntries.bytes.subarray((each.number - 1) * 128, each.number * 128)
    array.set(bytes, (each.number - 1) * size)
  }
  const sectors = array.length / sectorSize
  const lastLba = SECTORS - 1
  const write = (header: Uint8Array, entriesLba: number) => {
    const sector = header.slice()
    const view = viewOf(sector)
    view.setBigUint64(40, BigInt(at + sectors), true)
    view.setBigUint64(48, BigInt(lastLba - sectors - 1), true)
    view.setBigUint64(72, BigInt(entriesLba), true)
    view.setUint32(80, count, true)
    view.setUint32(84, size, true)
    view.setUint32(88, crc32(array.subarray(0, count * size)), true)
    view.setUint32(16, 0, true)
    view.setUint32(16, crc32(sector.subarray(0, 92)), true)
    disk.pages.write(Number(view.getBigUint64(24, true)) * sectorSize, sector)
    disk.pages.write(entriesLba * sectorSize, array)
  }
  write(old.primaryHeader.bytes, at)
  write(old.backupHeader.bytes, lastLba - sectors)
}

test('an entry array of another place, count or entry size is read as it is', async () => {
  for (const sectorSize of [512, 4096])
    for (const [at, count, size] of [
      [100, 128, 128],
      [500, 128, 128],
      [2, 4, 128],
      [2, 56, 256],
      [300, 1024, 128],
      [20, 16, 4096],
      [2, 1, 128],
    ] as const) {
      const first = count === 1 ? 1 : 2
      const base = tableOf(sectorSize, false)
      const table = { ...base, entries: [entry(first, 1500, 2000, 'FAR')] }
      const disk = diskWith(table)
      arrayElsewhere(disk, table, at, count, size)
      const seen = await sightOf(disk)
      assert.deepEqual(seen.tableFindings, [], `${at} ${count} ${size}`)
      assert.deepEqual(seen.table?.entries, table.entries)
      spoil(disk, (SECTORS - 1) * sectorSize + 60)
      const plan = planRepair(keptRequest(), await sightOf(disk))
      assert.ok(plan.ok, JSON.stringify(plan))
      await runPlan(plan.value, jobOn(disk, null))
      const after = await readGpt(disk)
      assert.deepEqual([after.findings, after.table?.entries], [[], table.entries], `${at} ${count} ${size}`)
    }
})
