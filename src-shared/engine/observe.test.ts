import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { MIB, utf8 } from '#base/bytes.ts'
import { openFat } from '#format/fat32/fat32.ts'
import { decodeGpt, encodeGpt, GPT_EDGE_BYTES } from '#format/gpt.ts'
import { ESP_PATH } from '#model/boot-state.ts'
import { TYPE_GUID } from '#model/partition-table.ts'
import { provisionRequest } from '#testing/builders.ts'
import { withFaults } from '#testing/faults.ts'
import { type MemoryDisk, memoryDisk } from '#testing/memory-disk.ts'
import { seededBytes } from '#testing/random.ts'
import { withRecording } from '#testing/recording.ts'
import { jobOn, planOn, SMALL_LAYOUT, SMALL_SIZE, sightOf, smallDisk, smallRelease } from '#testing/small-job.ts'
import { readBootFiles } from './boot-files.ts'
import { openEsp } from './observe.ts'
import { runPlan } from './run-plan.ts'

let appliance: MemoryDisk

/** A copy of a provisioned disk. */
const copy = (): MemoryDisk => memoryDisk({ size: SMALL_SIZE, pages: appliance.pages })
const codes = (findings: readonly { readonly code: string }[]) => findings.map(({ code }) => code)

before(async () => {
  appliance = smallDisk()
  const release = smallRelease(1)
  const plan = await planOn(appliance, provisionRequest({ layout: SMALL_LAYOUT, seed: 'observe' }), release)
  await runPlan(plan, jobOn(appliance, release))
})

async function volumeOf(disk: MemoryDisk) {
  const { esp } = await sightOf(disk)
  assert.ok(esp)
  return { esp, volume: await openFat(disk, esp.offset, esp.length) }
}

/** Writes the table of `disk` again with changed entries. */
async function retable(disk: MemoryDisk, change: (entry: { name: string; number: number }) => object): Promise<void> {
  const { table } = await sightOf(disk)
  assert.ok(table)
  const gpt = encodeGpt({ ...table, entries: table.entries.map((entry) => ({ ...entry, ...change(entry) })) })
  for (const { offset, bytes } of [gpt.primaryEntries, gpt.primaryHeader, gpt.backupEntries, gpt.backupHeader])
    disk.pages.write(offset, bytes)
}

test('a provisioned disk tells its own story, and looking at it writes nothing', async () => {
  const disk = copy()
  const { device, count } = withRecording(disk)
  const seen = await sightOf(device)
  assert.equal(count.writes + count.flushes + count.zeroedBytes, 0)
  assert.equal(seen.content, 'gpt')
  assert.equal(seen.tableFrom, 'primary')
  assert.deepEqual(seen.tableFindings, [])
  assert.deepEqual(seen.esp, { offset: MIB, length: 36 * MIB })
  assert.deepEqual(seen.slots, { A: { offset: 37 * MIB, length: 2 * MIB }, B: { offset: 39 * MIB, length: 2 * MIB } })
  assert.deepEqual(seen.boot?.findings, [])
  assert.equal(seen.boot?.state.wanted, 'A')
  assert.equal(seen.boot?.state.good, 'A')
  const record = seen.boot?.records.A
  assert.equal(record?.state === 'written' && record.content.sha256, smallRelease(1).facts.system?.sha256)
  assert.equal(seen.boot?.records.B.state, 'empty')
})

test('blank, MBR and unknown content are told apart', async () => {
  assert.equal((await sightOf(smallDisk())).content, 'blank')
  assert.deepEqual((await sightOf(smallDisk())).tableFindings, [], 'a blank disk has no damage')
  const mbr = smallDisk()
  mbr.pages.write(446 + 4, new Uint8Array([0x83, 0, 0, 0, 63, 0, 0, 0, 0, 1, 0, 0]))
  mbr.pages.write(510, new Uint8Array([0x55, 0xaa]))
  assert.equal((await sightOf(mbr)).content, 'mbr')
  const noise = smallDisk()
  noise.pages.write(0, seededBytes(MIB, 4))
  assert.equal((await sightOf(noise)).content, 'unknown')
  const late = smallDisk()
  late.pages.write(SMALL_SIZE - 512, utf8('something at the very end'))
  assert.equal((await sightOf(late)).content, 'unknown')
})

test('a damaged primary table is a finding; the disk is seen through its backup', async () => {
  const disk = copy()
  disk.pages.write(512 + 60, new Uint8Array([1]))
  const seen = await sightOf(disk)
  assert.deepEqual(codes(seen.tableFindings), ['gpt.header-crc'])
  assert.equal(seen.tableFrom, 'backup')
  assert.equal(seen.boot?.state.wanted, 'A')
})

test('both tables damaged: no table, no slots, and the reasons are named', async () => {
  const disk = copy()
  disk.pages.zero(512, 512)
  disk.pages.write(SMALL_SIZE - 33 * 512 + 8, new Uint8Array([0xee]))
  const seen = await sightOf(disk)
  assert.equal(seen.table, null)
  assert.equal(seen.slots, null)
  assert.equal(seen.boot, null)
  assert.deepEqual(codes(seen.tableFindings), ['gpt.unrepairable'])
  assert.match(String(seen.tableFindings[0].details.primary), /no GPT header at sector 1/)
})

test('an ESP that cannot be read leaves the table and the slots in sight', async () => {
  const disk = copy()
  disk.pages.zero(MIB, 4096)
  const seen = await sightOf(disk)
  assert.ok(seen.slots && seen.esp)
  assert.equal(seen.boot, null)
  const reason = await openEsp(disk, seen.esp)
  assert.ok('code' in reason)
  assert.equal(reason.code, 'fat.not-fat32')
})

test('damaged directories of the ESP are no exception', async () => {
  const disk = copy()
  const { esp, volume } = await volumeOf(disk)
  const { reservedSectors, sectorSize } = volume.geometry
  // Both FATs become noise: every chain leads into the wild.
  disk.pages.write(esp.offset + reservedSectors * sectorSize + 8, seededBytes(MIB, 3))
  await assert.rejects(readBootFiles((await volumeOf(disk)).volume), { code: 'fat.damaged' })
  const seen = await sightOf(disk)
  assert.ok(seen.slots)
  assert.equal(seen.boot, null)
})

test('a disk of the upstream scripts: plain ab_state, partitions 2 and 3 without names, no record', async () => {
  const disk = copy()
  const { volume } = await volumeOf(disk)
  await volume.remove(ESP_PATH.grubenv)
  await volume.remove(ESP_PATH.grubenv2)
  await volume.remove(ESP_PATH.good)
  await volume.remove(ESP_PATH.slots)
  await volume.put('ab_state', utf8('set active_partition="B"'))
  await retable(disk, () => ({ name: '' }))
  const seen = await sightOf(disk)
  assert.deepEqual(seen.slots, { A: { offset: 37 * MIB, length: 2 * MIB }, B: { offset: 39 * MIB, length: 2 * MIB } })
  assert.equal(seen.boot?.state.wanted, 'B')
  assert.equal(seen.boot?.state.good, null)
  assert.deepEqual([seen.boot?.records.A.state, seen.boot?.records.B.state], ['unknown', 'unknown'])
  assert.deepEqual(codes(seen.boot?.findings ?? []).sort(), [
    'boot.env-damaged',
    'boot.env-damaged',
    'boot.env-lost',
    'slot.record-lost',
  ])
})

test('slots go by name before place, and a disk with other partitions is no A/B disk', async () => {
  const swapped = copy()
  await retable(swapped, ({ number }) => ({ name: ['ESP', 'SLOT-B', 'SLOT-A', 'DATA'][number - 1] }))
  const seen = await sightOf(swapped)
  assert.deepEqual([seen.slots?.A.offset, seen.slots?.B.offset], [39 * MIB, 37 * MIB])
  const plain = copy()
  await retable(plain, () => ({ typeGuid: TYPE_GUID.linux, name: 'x' }))
  const other = await sightOf(plain)
  assert.ok(other.table)
  assert.deepEqual([other.esp, other.slots, other.boot], [null, null, null])
  const late = copy()
  await retable(late, ({ number }) => ({ name: 'x', typeGuid: number === 4 ? TYPE_GUID.esp : TYPE_GUID.linux }))
  assert.equal((await sightOf(late)).slots, null, 'an ESP elsewhere says nothing about partitions 2 and 3')
})

test('a device that goes away, or cannot be read, is an error and no observation', async () => {
  await assert.rejects(sightOf(withFaults(copy(), { vanished: true })), { code: 'disk.lost' })
  const disk = copy()
  for (const failReadAt of [0, SMALL_SIZE - 1, MIB])
    await assert.rejects(sightOf(withFaults(disk, { failReadAt })), { code: 'disk.read-failed' })
})

test('the smallest disks are looked at without reading over their end', async () => {
  for (const size of [512, 4096, GPT_EDGE_BYTES, MIB]) {
    const seen = await sightOf(memoryDisk({ size }))
    assert.equal(seen.content, 'blank')
    assert.equal(decodeGpt(new Uint8Array(size), new Uint8Array(size), 512, size / 512).table, null)
  }
})
