import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigDraftView, PlanAnswer, Problem } from '#contract/views.ts'
import { buildAppliance, buildImage, buildJob, buildUnit } from '#renderer/testing/fixtures.ts'
import {
  allMissing,
  type Bench,
  bootSources,
  EMPTY_WISH,
  imageObstacle,
  isBusy,
  nameOfCall,
  planCall,
  planFor,
  refusedWithoutReason,
  STEPS,
  spareSlot,
  tooSmallFor,
  unitObstacle,
  type Wish,
} from './provision-state.ts'

const NOW = new Date('2026-11-22T08:00:00Z')
const problem = (code: string): Problem => ({ code, message: '', remedy: '', details: {} })
const image = buildImage({ token: 'image-0001', expires: null })
const layout = { name: 'small', description: '', minimum: 16e9 }

const bench = (change: Partial<Bench> = {}): Bench => ({
  units: [buildUnit()],
  images: [image],
  layouts: [layout],
  draft: null,
  ...change,
})
const wish = (change: Partial<Wish> = {}): Wish => ({ ...EMPTY_WISH, image: image.token, layout: 'small', ...change })
const draft = (problems: ConfigDraftView['problems'] = []): ConfigDraftView => ({
  draft: 'draft-0001',
  from: 'folder',
  unit: null,
  files: [],
  problems,
})
const mistake = { ...problem('config.x'), file: 'a', line: 1 }
const missing = (one: Wish, what: Bench) => allMissing(one, what, NOW).map(([, each]) => each)

test('at the beginning nothing is chosen, not even when there is only one unit, image and layout', () => {
  assert.deepEqual(missing(EMPTY_WISH, bench({ units: [] })), ['units', 'image', 'layout'])
  assert.equal(planCall(EMPTY_WISH, bench(), NOW), null)
})

test('a unit with reasons against writing, or with a running job, cannot be chosen', () => {
  assert.equal(unitObstacle(buildUnit({ refusals: [problem('host.twin')] }), null, 'provision'), 'refused')
  assert.equal(unitObstacle(buildUnit(), buildJob({ state: 'writing' }), 'provision'), 'busy')
  assert.equal(unitObstacle(buildUnit(), buildJob({ state: 'failed' }), 'provision'), null)
  for (const state of ['ready', 'writing', 'reading-back', 'needs-you', 'unknown'] as const)
    assert.ok(isBusy(buildJob({ state })), state)
  assert.ok(!isBusy(null))
})

test('only a disk that has slots can have its slots repaired', () => {
  assert.equal(unitObstacle(buildUnit(), null, 'repair'), 'not-an-appliance')
  assert.equal(unitObstacle(buildAppliance(), null, 'repair'), null)
})

test('an image that is bad, not yet checked or past its date cannot be chosen, nor be planned with', () => {
  assert.equal(imageObstacle(buildImage({ state: 'bad' }), NOW), 'bad')
  assert.equal(imageObstacle(buildImage({ state: 'checking' }), NOW), 'checking')
  assert.equal(imageObstacle(buildImage({ expires: '2026-11-22T08:00:00Z' }), NOW), 'expired')
  assert.equal(imageObstacle(buildImage({ expires: '2026-11-22T08:00:01Z' }), NOW), null)
  assert.deepEqual(missing(wish(), bench({ images: [{ ...image, state: 'bad' }] })), ['image'])
})

test('an image without boot files needs another one that brings them, and only for provisioning', () => {
  const system = { ...image, hasBootFiles: false }
  const boot = buildImage({ token: 'image-boot', expires: null })
  const both = bench({ images: [system, boot], units: [buildAppliance()] })
  assert.deepEqual(missing(wish(), both), ['boot'])
  assert.deepEqual(missing(wish({ boot: system.token }), both), ['boot'], 'one without boot files does not help')
  assert.deepEqual(missing(wish({ boot: boot.token }), both), [])
  assert.deepEqual(missing(wish({ mode: 'repair', slot: 'B' }), both), [])
  assert.deepEqual(bootSources([system, { ...boot, state: 'bad' }], NOW), [])
})

test('a layout that fits on none of the units is missing; one that fits on some is left to the plan', () => {
  const [small, large] = [buildUnit({ serial: 'S1', size: 8e9 }), buildUnit({ serial: 'S2', size: 64e9 })]
  assert.deepEqual(tooSmallFor(layout, [small, large]), [small])
  assert.deepEqual(missing(wish(), bench({ units: [small] })), ['layout-too-large'])
  assert.deepEqual(missing(wish(), bench({ units: [small, large] })), [])
})

test('a config with mistakes, or one that is not open any more, is not planned', () => {
  const chosen = { config: { draft: 'draft-0001', unit: buildUnit().key } }
  assert.deepEqual(missing(wish(chosen), bench()), ['config'])
  assert.deepEqual(missing(wish(chosen), bench({ draft: draft([mistake]) })), ['config-mistakes'])
  assert.deepEqual(missing(wish(chosen), bench({ draft: draft() })), [])
  assert.deepEqual(missing(wish(chosen), bench({ draft: { ...draft(), draft: 'draft-0002' } })), ['config'])
  assert.deepEqual(missing(wish(), bench({ draft: draft([mistake]) })), [], 'mistakes of an unused draft do not matter')
})

test('a config that was chosen for one unit goes to no other one, and not to several', () => {
  const [seven, eight] = [buildUnit({ serial: 'UNIT-07' }), buildUnit({ serial: 'UNIT-08' })]
  const forEight = wish({ config: { draft: 'draft-0001', unit: eight.key } })
  const chosen = (units: Bench['units']) => missing(forEight, bench({ units, draft: draft() }))
  assert.deepEqual(chosen([eight]), [])
  assert.deepEqual(chosen([seven]), ['config-unit'])
  assert.deepEqual(chosen([seven, eight]), ['config-unit'])
  assert.equal(planCall(forEight, bench({ units: [seven], draft: draft() }), NOW), null)
})

test('the call carries exactly what was chosen: no boot image when the image has its own, no draft when none is wanted', () => {
  const one = bench({ draft: draft() })
  const call = planCall(wish({ boot: 'image-other', olderReason: '  ' }), one, NOW)
  assert.deepEqual(call, {
    call: 'plan.provision',
    params: {
      units: [one.units[0].token],
      image: image.token,
      boot: null,
      layout: 'small',
      slots: 'A',
      config: null,
      allowOlder: null,
    },
  })
  const repair = wish({ mode: 'repair', slot: 'B', changedOnly: false, olderReason: 'asked for by support' })
  const flash = planCall(repair, bench({ units: [buildAppliance()] }), NOW)
  assert.equal(flash?.call, 'plan.flash')
  assert.deepEqual(flash?.params, {
    units: [buildAppliance().token],
    image: image.token,
    slot: 'B',
    changedOnly: false,
    allowOlder: 'asked for by support',
  })
})

test('a repair has no layout and no config step, so that it cannot lose data by a slip', () => {
  assert.deepEqual(STEPS.repair, ['units', 'image', 'slot', 'review'])
  assert.deepEqual(missing(wish({ mode: 'repair' }), bench({ units: [buildAppliance()] })), ['slot'])
})

test('a plan is not shown for another wish, nor after its config was changed', () => {
  const answer: PlanAnswer = { plans: [], refused: [] }
  const one = bench({ draft: draft() })
  const call = planCall(wish({ config: { draft: 'draft-0001', unit: one.units[0].key } }), one, NOW)
  const planned = { name: nameOfCall(call), draft: one.draft, answer }
  assert.equal(planFor(planned, call, one.draft), answer)
  assert.equal(planFor(planned, call, draft()), null, 'same draft, edited')
  assert.equal(planFor(planned, planCall(wish({ slots: 'both' }), one, NOW), one.draft), null)
  assert.equal(planFor(planned, null, one.draft), null)
})

test('a reason is asked for when, and only when, all that speaks against the release is what a reason allows', () => {
  for (const code of ['older-counter', 'older-version', 'no-version', 'other-product'] as const)
    assert.ok(refusedWithoutReason([problem(`release.${code}`)]), code)
  assert.ok(refusedWithoutReason([problem('release.older-counter'), problem('release.other-product')]))
  assert.ok(!refusedWithoutReason([problem('release.older-counter'), problem('release.wrong-product')]))
  assert.ok(!refusedWithoutReason([]))
})

test('the slot that is advised for a repair is the one that does not boot, if all units agree', () => {
  const boots = (slot: 'A' | 'B') => {
    const unit = buildAppliance()
    if (unit.recovery === null) throw new Error('an appliance has slots')
    const spare = slot === 'A' ? ('B' as const) : ('A' as const)
    return {
      ...unit,
      recovery: { ...unit.recovery, bootsNext: { slot, counted: false, triesLeft: null, startsLeft: null, spare } },
    }
  }
  assert.equal(spareSlot([boots('A'), boots('A')]), 'B')
  assert.equal(spareSlot([boots('A'), boots('B')]), null)
  assert.equal(spareSlot([]), null)
})

test('a unit that somebody else writes is not taken out of a plan that is on the screen: the host judges it', () => {
  assert.equal(unitObstacle(buildUnit({ content: 'being-written' }), null, 'provision'), null)
  assert.equal(unitObstacle(buildUnit({ content: 'looking' }), null, 'provision'), 'looking')
})
