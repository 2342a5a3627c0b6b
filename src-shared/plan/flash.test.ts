import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Result } from '#base/result.ts'
import { confirm, factoryState, markBad } from '#model/boot-state.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { FlashRequest, Plan, ReleaseFacts } from '#model/plan.ts'
import {
  abDisk,
  blankDisk,
  buildContent,
  buildRecords,
  buildRelease,
  flashRequest,
  manifestOf,
  slotRequest,
} from '#testing/builders.ts'
import { planFlash as planWith } from './flash.ts'
import { planSlot } from './select-slot.ts'

const planFlash = (request: FlashRequest, seen: DiskObservation, release: ReleaseFacts) =>
  planWith(request, seen, release, manifestOf(release))
const codes = (result: Result<Plan>) => (result.ok ? [] : result.refusals.map((each) => each.code))
const types = (result: Result<Plan>) =>
  result.ok
    ? result.value.steps.map((step) => (step.type === 'boot-state' ? `${step.type} ${step.change.kind}` : step.type))
    : codes(result)
const written = (change = {}) => ({ state: 'written', content: buildContent(change) }) as const

test('a slot is Incomplete in the record before its first byte changes, and recorded as written after everything', () => {
  const plan = planFlash(flashRequest(), abDisk(), buildRelease())
  assert.deepEqual(types(plan), ['record-slot', 'write-image', 'boot-state reset', 'record-slot'])
  const states = plan.ok ? plan.value.steps.flatMap((step) => (step.type === 'record-slot' ? [step.state] : [])) : []
  assert.deepEqual(states, ['incomplete', 'written'])
})

test('the only bootable slot is never overwritten', () => {
  for (const B of [{ state: 'empty' }, { state: 'incomplete', since: '', by: '', version: null }, written()] as const)
    assert.deepEqual(
      codes(planFlash(flashRequest({ slot: 'A' }), abDisk({ records: buildRecords({ B }) }), buildRelease())),
      ['plan.only-slot'],
    )
})

test('a slot that is the default is left first, when the other one is good', () => {
  const state = { ...confirm(factoryState('A'), 'B').after, wanted: 'A' as const, good: 'B' as const }
  const seen = abDisk({ state, records: buildRecords({ B: written() }) })
  assert.deepEqual(types(planFlash(flashRequest({ slot: 'A' }), seen, buildRelease()))[0], 'boot-state select')
})

test('a slot whose record is lost may be the one that runs: it is not overwritten either', () => {
  const records = buildRecords({ A: { state: 'unknown' }, B: { state: 'unknown' } })
  assert.deepEqual(codes(planFlash(flashRequest({ slot: 'A' }), abDisk({ records }), buildRelease())), [
    'plan.only-slot',
  ])
  assert.equal(planFlash(flashRequest({ slot: 'B' }), abDisk({ records }), buildRelease()).ok, true)
})

test('a half-written default slot may be written again: there is nothing to lose', () => {
  const records = buildRecords({ A: { state: 'incomplete', since: '', by: '', version: null } })
  assert.equal(planFlash(flashRequest({ slot: 'A' }), abDisk({ records }), buildRelease()).ok, true)
})

test('flash refuses a disk without slots, another product, an older counter and an image that does not fit', () => {
  assert.deepEqual(codes(planFlash(flashRequest(), blankDisk(), buildRelease())), ['plan.not-ab-disk'])
  assert.deepEqual(codes(planFlash(flashRequest(), abDisk(), buildRelease({ product: 'other' }))), [
    'release.wrong-product',
  ])
  const seen = abDisk({ records: buildRecords({ A: written({ counter: 9 }) }) })
  assert.deepEqual(codes(planFlash(flashRequest(), seen, buildRelease())), ['release.older-counter'])
  assert.equal(planFlash(flashRequest({ allowOlder: 'because' }), seen, buildRelease()).ok, true)
  assert.deepEqual(codes(planFlash(flashRequest(), abDisk(), buildRelease({ system: { size: 3e9, sha256: '' } }))), [
    'plan.image-too-large',
  ])
})

test('an untested slot becomes the default as a trial with three tries, a good one without counting, once with one', () => {
  const records = buildRecords({ B: written() })
  assert.deepEqual(types(planSlot(slotRequest(), abDisk({ records }))), ['check-slot', 'boot-state arm'])
  assert.deepEqual(types(planSlot(slotRequest({ slot: 'A' }), abDisk({ records }))), [
    'check-slot',
    'boot-state select',
  ])
  const both = abDisk({ records, state: confirm(factoryState('A'), 'B').after })
  assert.deepEqual(types(planSlot(slotRequest({ slot: 'A' }), both)), ['check-slot', 'boot-state select'])
  const once = planSlot(slotRequest({ action: 'once' }), abDisk({ records }))
  const change = once.ok && once.value.steps.find((step) => step.type === 'boot-state')?.change
  assert.deepEqual(change, { kind: 'arm', slot: 'B', tries: 1 })
})

test('an empty or half-written slot is not selectable without a reason, and the reason is recorded', () => {
  for (const B of [
    { state: 'empty' },
    { state: 'incomplete', since: '', by: '', version: null },
    { state: 'unknown' },
  ] as const)
    for (const action of ['default', 'once', 'good'] as const) {
      const seen = abDisk({ records: buildRecords({ B }) })
      assert.deepEqual(codes(planSlot(slotRequest({ action }), seen)), ['slot.not-selectable'])
      const forced = planSlot(slotRequest({ action, force: 'lab test' }), seen)
      const step = forced.ok ? forced.value.steps.find((each) => each.type === 'boot-state') : undefined
      assert.equal(step?.override?.reason, 'lab test')
    }
})

test('the last slot that can boot cannot be marked bad', () => {
  assert.deepEqual(codes(planSlot(slotRequest({ action: 'bad', slot: 'A' }), abDisk())), ['slot.last-good'])
  const both = abDisk({ records: buildRecords({ B: written() }) })
  assert.deepEqual(types(planSlot(slotRequest({ action: 'bad', slot: 'A' }), both)), ['boot-state bad'])
  const state = markBad(factoryState('A'), 'B').after
  const marked = abDisk({ records: buildRecords({ B: written() }), state })
  assert.deepEqual(codes(planSlot(slotRequest({ action: 'bad', slot: 'A' }), marked)), ['slot.last-good'])
})
