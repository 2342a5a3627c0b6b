import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '#base/bytes.ts'
import { factoryFiles } from '#format/boot-state.ts'
import { buildFat32, type FatFile, openFat } from '#format/fat32/fat32.ts'
import { EMPTY_RECORDS, encodeSlotRecords } from '#format/slot-record.ts'
import { ESP_PATH, factoryState } from '#model/boot-state.ts'
import type { Plan, Step } from '#model/plan.ts'
import { inlineCodec } from '#node/codec/block-codec.ts'
import { AT, BY, buildDisk, buildRelease, slotRequest } from '#testing/builders.ts'
import { type MemoryDisk, memoryDisk } from '#testing/memory-disk.ts'
import fc from '#testing/property.ts'
import { heldBack, rehearse } from './rehearsal.ts'

const ESP = { offset: MIB, length: 38 * MIB }

/** An ESP with these files, and one more that leaves `free` bytes (whole clusters). */
async function diskWithEsp(files: readonly FatFile[] = [], free: number | null = null) {
  const disk = memoryDisk({ size: 40 * MIB })
  const image = buildFat32({
    ...{ size: ESP.length, sectorSize: 512, volumeId: 1, time: new Date(0), partitionOffset: ESP.offset },
    files: [{ path: 'EFI/BOOT/BOOTX64.EFI', bytes: new Uint8Array(MIB) }, ...files],
  })
  for (const { offset, bytes } of image.extents) disk.pages.write(ESP.offset + offset, bytes)
  if (free !== null) {
    const volume = await openFat(disk, ESP.offset, ESP.length)
    await volume.put('filler', new Uint8Array((await volume.freeBytes()) - free))
  }
  return disk
}

const contentOf = async (disk: MemoryDisk) => {
  const bytes = new Uint8Array(disk.size)
  await disk.read(0, bytes)
  return Buffer.from(bytes)
}

const STATE = factoryState('A')
const PLACES = [{ slot: 'B', at: { offset: 39 * MIB, length: MIB } }] as const
const EVERY: readonly Step[] = [
  { type: 'record-slot', esp: ESP, slot: 'B', state: 'written', override: null },
  { type: 'boot-state', esp: ESP, change: { kind: 'arm', slot: 'B', tries: 3 }, override: null },
  { type: 'rewrite-boot-state', esp: ESP, files: ['ab_state', 'grubenv', 'grubenv2', 'good'], state: STATE },
  { type: 'identify-slots', esp: ESP, slots: PLACES },
  { type: 'revive-slot', esp: ESP, slots: PLACES.map((each) => ({ ...each, size: 1, sha256: '00'.repeat(32) })) },
]
const disk = { ...buildDisk(), ...buildDisk().identity, model: null }
const planOf = (steps: readonly Step[]): Plan => ({
  ...{ id: '', request: slotRequest(), disk, release: buildRelease(), boot: null, erased: [], kept: [], steps },
})
const contextOf = (steps: readonly Step[]) => ({ plan: planOf(steps), boot: null, codec: inlineCodec })
const codes = async (device: MemoryDisk, steps: readonly Step[]) =>
  (await rehearse(device, contextOf(steps))).map(({ code }) => code)

test('every kind of step that writes boot files is tried by the function that writes it; the disk stays as it is', async () => {
  for (const step of EVERY) {
    const full = await diskWithEsp([], 0)
    const before = await contentOf(full)
    assert.deepEqual(await codes(full, [step]), ['fat.full'], step.type)
    assert.ok((await contentOf(full)).equals(before), step.type)
    const roomy = await diskWithEsp()
    const empty = await contentOf(roomy)
    assert.deepEqual(await codes(roomy, [step]), [], step.type)
    assert.ok((await contentOf(roomy)).equals(empty), step.type)
  }
})

test('files in place are overwritten where they lie: a full ESP is no reason against it', async () => {
  const state = factoryFiles('A')
  const files = (['ab_state', 'grubenv', 'grubenv2', 'good'] as const).map((name) => ({
    path: ESP_PATH[name],
    bytes: state[name],
  }))
  const records = { path: ESP_PATH.slots, bytes: encodeSlotRecords(null, EMPTY_RECORDS).bytes }
  assert.deepEqual(await codes(await diskWithEsp([...files, records], 0), EVERY), [])
})

test('steps that fit one by one, but not together, are refused', async () => {
  const [record, , rewrite] = EVERY
  const device = await diskWithEsp([], 9216)
  assert.deepEqual(await codes(device, [record]), [])
  assert.deepEqual(await codes(device, [record, rewrite]), ['fat.full'])
})

test('a record that a reason makes too long, and an ESP that cannot be read, are refused in the plan', async () => {
  const override = { slot: 'B', action: 'x', reason: 'y'.repeat(5000), at: AT, by: BY } as const
  const long = { type: 'record-slot', esp: ESP, slot: 'B', state: 'written', override } as const
  assert.deepEqual(await codes(await diskWithEsp(), [long]), ['slot.record-too-large'])
  assert.match((await codes(memoryDisk({ size: 40 * MIB }), [EVERY[0]])).join(), /^fat\./)
})

test('a view that holds writes back reads like a disk that took them, and the disk stays', async () => {
  const size = 64 * 1024
  const range = fc.tuple(fc.nat(size - 1), fc.nat(9000), fc.nat(255), fc.boolean())
  await fc.assert(
    fc.asyncProperty(fc.array(range, { maxLength: 12 }), async (writes) => {
      const [disk, model] = [memoryDisk({ size }), new Uint8Array(size)]
      const view = heldBack(disk)
      for (const [offset, wanted, value, zero] of writes) {
        const length = Math.min(wanted, size - offset)
        if (zero) await view.zero(offset, length)
        else await view.write(offset, new Uint8Array(length).fill(value))
        model.fill(zero ? 0 : value, offset, offset + length)
      }
      const [seen, real] = [new Uint8Array(size), new Uint8Array(size)]
      await view.read(0, seen)
      await disk.read(0, real)
      assert.ok(Buffer.from(seen).equals(model))
      assert.ok(real.every((byte) => byte === 0))
    }),
    { numRuns: 60 },
  )
})
