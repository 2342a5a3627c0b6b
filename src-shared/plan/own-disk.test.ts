// The appliance's own disk is in use by nature; what protects it is that its running slot is never planned for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { armTrial, confirm, factoryState, markBad } from '#model/boot-state.ts'
import type { DiskObservation } from '#model/observation.ts'
import {
  abDisk,
  buildContent,
  buildRecords,
  buildRelease,
  flashRequest,
  manifestOf,
  slotRequest,
} from '#testing/builders.ts'
import { planFlash } from './flash.ts'
import { planSlot } from './select-slot.ts'

const USED = { system: true, mounts: ['/', '/boot'], holders: ['dm-0'] }

function own(change: Partial<NonNullable<DiskObservation['boot']>> = {}, running: 'A' | 'B' = 'A'): DiskObservation {
  const seen = abDisk(change)
  return { ...seen, disk: { ...seen.disk, ...USED }, running }
}
const both = buildRecords({ B: { state: 'written', content: buildContent() } })
const codes = (made: ReturnType<typeof planFlash>) => (made.ok ? [] : made.refusals.map(({ code }) => code))

test('the bench never plans for a disk that runs the computer; the appliance does for its standby slot', () => {
  const seen = own()
  const { running: _running, ...bench } = seen
  assert.deepEqual(codes(planFlash(flashRequest(), bench, buildRelease(), null)), ['disk.system'])
  const made = planFlash(flashRequest(), seen, buildRelease(), null)
  assert.ok(made.ok)
  assert.deepEqual(
    made.value.steps.map((step) => (step.type === 'boot-state' ? step.change.kind : step.type)),
    ['bad', 'record-slot', 'write-image', 'reset', 'record-slot'],
  )
})

test('the running slot is neither written nor tried', () => {
  const seen = own({ records: both })
  assert.ok(codes(planFlash(flashRequest({ slot: 'A' }), seen, buildRelease(), null)).includes('plan.slot-running'))
  assert.deepEqual(codes(planSlot(slotRequest({ slot: 'A' }), seen)), ['plan.slot-running'])
})

test('while the running slot is a trial, the other one is what it falls back to and stays', () => {
  const trial = { ...armTrial(factoryState('A'), 'B').after, left: 2 }
  const seen = own({ state: trial, records: both }, 'B')
  assert.ok(codes(planFlash(flashRequest({ slot: 'A' }), seen, buildRelease(), null)).includes('plan.slot-unproven'))
  assert.ok(codes(planSlot(slotRequest({ slot: 'A' }), seen)).includes('plan.slot-unproven'))
  const confirmed = own({ state: confirm(trial, 'B').after, records: both }, 'B')
  assert.ok(planFlash(flashRequest({ slot: 'A' }), confirmed, buildRelease(), null).ok)
})

test('a slot that failed is not tried again before it is written anew', () => {
  const seen = own({ state: markBad(factoryState('A'), 'B').after, records: both })
  assert.deepEqual(codes(planSlot(slotRequest({ slot: 'B' }), seen)), ['slot.not-selectable'])
})

test('a release for another product or machine is refused', () => {
  const release = buildRelease()
  const manifest = manifestOf(release, { hardware: ['HP t640 Thin Client'] })
  const plan = (machine: { product?: string; hardware?: string }) =>
    codes(planFlash(flashRequest(), own(), release, manifest, machine))
  assert.deepEqual(plan({ product: 'demo', hardware: 'HP t640 Thin Client' }), [])
  assert.deepEqual(plan({ hardware: 'HP t740 Thin Client' }), ['release.wrong-hardware'])
  assert.deepEqual(plan({ product: 'other' }), ['release.wrong-product'])
})
