// Repairs that read whole slots: their progress is of all of them together, and never goes back.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { openFat } from '#format/fat32/fat32.ts'
import type { BootRepair } from '#model/actions.ts'
import { ESP_PATH } from '#model/boot-state.ts'
import { planDoctor } from '#plan/repair-boot.ts'
import { AT, provisionRequest } from '#testing/builders.ts'
import type { MemoryDisk } from '#testing/memory-disk.ts'
import { jobOn, planOn, SMALL_LAYOUT, sightOf, smallDisk, smallRelease } from '#testing/small-job.ts'
import { checkUp } from '../checkup.ts'
import { runPlan } from '../run-plan.ts'

const release = smallRelease(1)
const SIZE = release.bytes.length
let disk: MemoryDisk

/** Both slots hold the release; A was damaged since. */
before(async () => {
  disk = smallDisk()
  const request = provisionRequest({ layout: SMALL_LAYOUT, slots: ['A', 'B'] })
  await runPlan(await planOn(disk, request, release), jobOn(disk, release))
  const { slots } = await sightOf(disk)
  await disk.write((slots?.A.offset ?? 0) + 200_000, new Uint8Array(512).fill(1))
})

/** Bytes done and in all, as they were told. */
async function progressOf(repair: BootRepair): Promise<(readonly [number, number])[]> {
  const seen = await sightOf(disk)
  const facts = await checkUp(disk, seen)
  const known = { facts: release.facts, bootFiles: [], onDisk: new Map<string, string>() }
  const plan = planDoctor({ kind: 'repair', repair, at: AT, by: 'tester@station' }, seen, facts, known)
  assert.ok(plan.ok, JSON.stringify(plan))
  const job = jobOn(disk, release)
  await runPlan(plan.value, job)
  return job.events.flatMap((event) =>
    event.type === 'progress' ? [[event.doneBytes, event.totalBytes] as const] : [],
  )
}

const bothSlots = (told: readonly (readonly [number, number])[]): void => {
  assert.ok(told.length >= 2)
  assert.deepEqual(told.at(-1), [2 * SIZE, 2 * SIZE])
  for (const [index, [done, total]] of told.entries()) {
    assert.equal(total, 2 * SIZE)
    assert.ok(index === 0 || done > told[index - 1][0], `${told[index - 1]} -> ${done}`)
  }
}

test('a lost record: both slots are read and compared with the release', async () => {
  const { esp } = await sightOf(disk)
  const volume = await openFat(disk, esp?.offset ?? 0, esp?.length ?? 0)
  await volume.put(ESP_PATH.slots, new Uint8Array(8192).fill(0x20))
  bothSlots(await progressOf('slot-record'))
})

test('both slots bad: the first is read and passed over, the second boots', async () => {
  const { esp, slots } = await sightOf(disk)
  assert.ok(esp && slots)
  await disk.write(slots.A.offset, release.bytes)
  const volume = await openFat(disk, esp.offset, esp.length)
  await volume.put(ESP_PATH.slots, new Uint8Array(8192).fill(0x20))
  await progressOf('slot-record')
  for (const slot of ['B', 'A'] as const) {
    const request = { kind: 'slot', action: 'bad', slot, force: 'test', at: AT, by: 'tester@station' } as const
    await runPlan(await planOn(disk, request, null), jobOn(disk, null))
  }
  const first = (await sightOf(disk)).boot?.state.wanted ?? 'A'
  await disk.write(slots[first].offset + 200_000, new Uint8Array(512).fill(1))
  bothSlots(await progressOf('both-bad'))
})
