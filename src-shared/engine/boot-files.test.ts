import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB, utf8 } from '#base/bytes.ts'
import { encodeAbState } from '#format/ab-state.ts'
import { encodeBootEnv, factoryFiles } from '#format/boot-state.ts'
import { buildFat32, type FatVolume, openFat } from '#format/fat32/fat32.ts'
import { COPY_SIZE, decodeSlotRecords, EMPTY_RECORDS, encodeSlotRecords } from '#format/slot-record.ts'
import { armTrial, confirm, ESP_PATH, factoryState, markBad, reset, select } from '#model/boot-state.ts'
import { buildContent, buildRecords } from '#testing/builders.ts'
import { type Faults, withFaults } from '#testing/faults.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import { withRecording } from '#testing/recording.ts'
import { applyTransition, changeRecords, readBootFiles } from './boot-files.ts'

const FACTORY = { ...factoryFiles('A'), slots: encodeSlotRecords(null, EMPTY_RECORDS).bytes }

/** An ESP with these files; what is left out is missing. */
async function openEsp(files: Partial<Record<keyof typeof FACTORY, Uint8Array>> = FACTORY, faults: Faults = {}) {
  const disk = memoryDisk({ size: 40 * MIB })
  const list = Object.entries(files).map(([name, bytes]) => ({ path: ESP_PATH[name as keyof typeof ESP_PATH], bytes }))
  const extra = { path: 'EFI/BOOT/BOOTX64.EFI', bytes: utf8('loader') }
  const image = buildFat32({
    size: 38 * MIB,
    sectorSize: 512,
    volumeId: 1,
    time: new Date(0),
    partitionOffset: MIB,
    files: [extra, ...list],
  })
  for (const { offset, bytes } of image.extents) disk.pages.write(MIB + offset, bytes)
  const recording = withRecording(withFaults(disk, faults))
  const volume = await openFat(recording.device, MIB, 38 * MIB)
  return { disk, volume, ...recording }
}

/** Every sector that a file's data occupies. */
async function sectorsOf(volume: FatVolume, paths: readonly string[]): Promise<Set<number>> {
  const sectors = new Set<number>()
  for (const path of paths)
    for (const { offset, length } of await volume.extentsOf(path))
      for (let at = offset; at < offset + length; at += 512) sectors.add(at / 512)
  return sectors
}

const textOf = async (volume: FatVolume, path: string) => Buffer.from(await volume.read(path)).toString('latin1')

test('a transition overwrites the data of its files in place: no table, no directory, nothing else changes', async () => {
  const { volume, ops, disk } = await openEsp()
  const own = await sectorsOf(volume, [ESP_PATH.ab_state, ESP_PATH.grubenv, ESP_PATH.grubenv2])
  const before = disk.peek(0, disk.size)
  await applyTransition(volume, (state) => armTrial(state, 'B'))
  const changed: number[] = []
  const after = disk.peek(0, disk.size)
  for (let at = 0; at < disk.size; at += 512)
    if (Buffer.compare(before.subarray(at, at + 512), after.subarray(at, at + 512)) !== 0) changed.push(at / 512)
  assert.ok(changed.length >= 3)
  assert.deepEqual(
    changed.filter((sector) => !own.has(sector)),
    [],
  )
  for (const op of ops) if (op.kind === 'write') assert.ok(own.has(Math.floor(op.offset / 512)))
})

test('each file is flushed before the next one is written, in the order of the transition', async () => {
  const { volume, ops } = await openEsp()
  const places = new Map<number, string>()
  for (const path of [ESP_PATH.ab_state, ESP_PATH.grubenv, ESP_PATH.grubenv2])
    places.set((await volume.extentsOf(path))[0].offset, path)
  const order = () =>
    ops.splice(0).map((op) => (op.kind === 'flush' ? 'flush' : (places.get(op.offset) ?? `${op.offset}`)))
  await applyTransition(volume, (state) => armTrial(state, 'B'))
  const env = [ESP_PATH.grubenv, 'flush', ESP_PATH.grubenv2, 'flush']
  assert.deepEqual(order(), [...env, ESP_PATH.ab_state, 'flush'], 'ab_state is the commit')
  await applyTransition(volume, (state) => select(state, 'A'))
  assert.deepEqual(order(), [ESP_PATH.ab_state, 'flush', ...env], 'the wanted slot is left first')
})

test('doing a transition again writes nothing', async () => {
  const { volume, ops } = await openEsp()
  await applyTransition(volume, (state) => markBad(state, 'B'))
  assert.ok(ops.length > 0)
  ops.length = 0
  await applyTransition(volume, (state) => markBad(state, 'B'))
  assert.deepEqual(ops, [])
})

test('missing files are created, and say what the transition says', async () => {
  const { volume } = await openEsp({})
  const after = await applyTransition(volume, (state) => confirm(state, 'B'))
  assert.equal(after.good, 'B')
  assert.equal(await textOf(volume, 'ab_state'), 'set active_partition="B"\n')
  assert.equal((await volume.read('grubenv')).length, 1024)
  assert.deepEqual(await volume.read('grubenv'), await volume.read('twinslot/grubenv'))
  const { state, findings } = await readBootFiles(volume)
  assert.deepEqual(state, after)
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['slot.record-lost'],
  )
})

test('a file of another length is replaced: an upstream ab_state without its newline', async () => {
  const { volume } = await openEsp({ ...FACTORY, ab_state: utf8('set active_partition="A"') })
  await applyTransition(volume, (state) => armTrial(state, 'B'))
  assert.equal(await textOf(volume, 'ab_state'), 'set active_partition="B"\n')
})

test('environment blocks that are lost are not made anew only to forget something', async () => {
  const { volume, ops } = await openEsp({ ab_state: encodeAbState('A'), slots: FACTORY.slots })
  await applyTransition(volume, (state) => reset(state, 'B'))
  assert.deepEqual(ops, [], 'a block without a good slot would make A a counted trial')
  assert.equal(await volume.stat('grubenv'), null)
})

test('variables of others in the environment block survive', async () => {
  const block = encodeBootEnv(factoryState('A'), null)
  const other = utf8('saved_entry=rescue\n')
  block.set(other, block.indexOf(0x23, 25))
  const { volume } = await openEsp({ ...FACTORY, grubenv: block })
  await applyTransition(volume, (state) => armTrial(state, 'B'))
  assert.match(await textOf(volume, 'grubenv'), /saved_entry=rescue\n/)
})

test('a disk that does not keep what is written is noticed: boot.write-differs', async () => {
  const { volume } = await openEsp()
  const [{ offset }] = await volume.extentsOf('ab_state')
  const bad = await openEsp(FACTORY, { corruptAt: offset + 22 })
  await assert.rejects(
    applyTransition(bad.volume, (state) => armTrial(state, 'B')),
    { code: 'boot.write-differs', details: { file: '/ab_state' } },
  )
  const [slots] = await volume.extentsOf(ESP_PATH.slots)
  const record = await openEsp(FACTORY, { corruptAt: slots.offset + 50 })
  await assert.rejects(
    changeRecords(record.volume, record.device, () => buildRecords()),
    { code: 'boot.write-differs', details: { file: '/twinslot/slots' } },
  )
})

test('the slot record: the older of its two copies is overwritten, in one write and a flush; the other stays', async () => {
  const { volume, device, ops } = await openEsp()
  const [{ offset }] = await volume.extentsOf(ESP_PATH.slots)
  const copies = async () => {
    const bytes = await volume.read(ESP_PATH.slots)
    return [bytes.slice(0, COPY_SIZE), bytes.slice(COPY_SIZE)]
  }
  let older = 0
  for (const version of ['1', '2', '3']) {
    const before = await copies()
    const A = { state: 'written', content: buildContent({ version }) } as const
    await changeRecords(volume, device, (records) => ({ ...records, A }))
    const [write, flush, ...more] = ops.splice(0)
    assert.ok(write.kind === 'write' && flush.kind === 'flush' && more.length === 0)
    assert.deepEqual([write.offset, write.data.length], [offset + older * COPY_SIZE, COPY_SIZE])
    const after = await copies()
    assert.deepEqual(after[1 - older], before[1 - older], 'what was true before is still there')
    assert.deepEqual(decodeSlotRecords(await volume.read(ESP_PATH.slots)).records.A, A)
    older = 1 - older
  }
})

test('a slot record that is missing, cut short or damaged is made anew, and then both copies are sound', async () => {
  for (const slots of [undefined, FACTORY.slots.slice(0, 5000), new Uint8Array(8192).fill(0xff)]) {
    const { volume, device } = await openEsp({ ...factoryFiles('A'), ...(slots ? { slots } : {}) })
    await changeRecords(volume, device, () => buildRecords())
    const { health, records } = decodeSlotRecords(await volume.read(ESP_PATH.slots))
    assert.equal(health, 'intact')
    assert.deepEqual(records, buildRecords())
  }
})

test('a boot file of absurd length counts as missing and is replaced', async () => {
  const { volume } = await openEsp({ ...FACTORY, grubenv: new Uint8Array(2 * MIB) })
  const { state, findings } = await readBootFiles(volume)
  assert.equal(state.good, 'A', 'from the spare copy')
  assert.ok(findings.some(({ code }) => code === 'boot.env-damaged'))
  await applyTransition(volume, (now) => armTrial(now, 'B'))
  assert.equal((await volume.read('grubenv')).length, 1024)
})
