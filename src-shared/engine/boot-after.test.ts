// What a report says of the next start is what the disk says, not what was wished.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextBootLines } from '#model/next-boot-text.ts'
import type { Request } from '#model/plan.ts'
import { flashRequest, provisionRequest, slotRequest } from '#testing/builders.ts'
import { jobOn, planOn, SMALL_LAYOUT, type SmallRelease, sightOf, smallDisk, smallRelease } from '#testing/small-job.ts'
import { runPlan } from './run-plan.ts'

const [one, two] = [smallRelease(1), smallRelease(2)]

test('after every job the report says what the boot loader will do, also where that is not the slot that was selected', async () => {
  const disk = smallDisk()
  const run = async (request: Request, release: SmallRelease | null) => {
    const { boot } = await runPlan(await planOn(disk, request, release), jobOn(disk, release))
    const seen = (await sightOf(disk)).boot
    assert.deepEqual(
      boot,
      seen && { next: seen.next, later: seen.later, state: { wanted: seen.state.wanted } },
      JSON.stringify(request),
    )
    return boot && nextBootLines(boot)
  }
  assert.deepEqual(await run(provisionRequest({ layout: SMALL_LAYOUT, slots: ['A'], config: null }), one), [
    'Slot A boots next.',
  ])
  assert.deepEqual(await run(flashRequest({ slot: 'B' }), two), ['Slot A boots next.'])
  assert.deepEqual(await run(slotRequest({ action: 'default', slot: 'B' }), null), ['Slot B boots next.'])
  const bad = (await run(slotRequest({ action: 'bad', slot: 'B' }), null)) ?? []
  assert.match(bad[0], /^Slot A boots next/)
  const none = (await run(slotRequest({ action: 'bad', slot: 'A', force: 'to see' }), null)) ?? []
  assert.match(none.join(' '), /rescue menu/)
  // Confirming a slot says that it is good; whether it boots is the disk's to say.
  await run(slotRequest({ action: 'good', slot: 'B', force: 'to see' }), null)
})
