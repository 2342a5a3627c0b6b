import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImageView, Problem, RecoveryView, SlotView } from '#contract/views.ts'
import {
  adviceAgainst,
  bytesToCheck,
  canBeForced,
  needsImage,
  nextSentence,
  refusalsOf,
  repairImages,
} from './slots-state.ts'

const slot = (name: 'A' | 'B', change: Partial<SlotView> = {}): SlotView => ({
  slot: name,
  verdict: 'Good',
  triesLeft: null,
  once: false,
  product: 'demo',
  version: '1.0.0',
  signer: null,
  signerName: null,
  sha256: null,
  size: 1000,
  writtenAt: null,
  writtenBy: null,
  checked: 'not-checked',
  checkedAt: null,
  ...change,
})

const recovery = (a: Partial<SlotView> = {}, b: Partial<SlotView> = {}): RecoveryView => ({
  slots: { A: slot('A', a), B: slot('B', b) },
  bootsNext: { slot: 'A', counted: false, triesLeft: null, startsLeft: null, spare: 'B' },
  bootsLater: null,
  running: null,
  damage: [],
  lastFallback: null,
  override: null,
  history: [],
})

const problem = (code: string): Problem => ({ code, message: '', remedy: '', details: {} })

test('booting a slot that is not completely written, was found changed or failed is against advice', () => {
  for (const verdict of ['Empty', 'Incomplete', 'Unknown'] as const)
    for (const action of ['once', 'default', 'good'] as const)
      assert.equal(adviceAgainst(action, 'B', recovery({}, { verdict })), 'not-written', `${action} ${verdict}`)
  assert.equal(adviceAgainst('once', 'B', recovery({}, { checked: 'differs' })), 'differs')
  assert.equal(adviceAgainst('default', 'B', recovery({}, { verdict: 'Bad' })), 'failed')
  assert.equal(adviceAgainst('once', 'B', recovery()), null)
})

test('marking bad is against advice only when nothing would be left to boot', () => {
  assert.equal(adviceAgainst('bad', 'A', recovery({}, { verdict: 'Empty' })), 'last-slot')
  assert.equal(adviceAgainst('bad', 'A', recovery()), null)
})

test('clearing the tries is never against advice', () => {
  assert.equal(adviceAgainst('reset', 'A', recovery({ verdict: 'Bad' })), null)
})

test('a reason is asked for only when every refusal can be overridden by one', () => {
  assert.ok(canBeForced([problem('slot.not-selectable')]))
  assert.ok(canBeForced([problem('slot.last-good')]))
  assert.ok(!canBeForced([problem('slot.not-selectable'), problem('disk.read-only')]))
  assert.ok(!canBeForced([]))
  assert.deepEqual(
    refusalsOf({ plans: [], refused: [{ unit: 'u', refusals: [problem('disk.read-only')] }] }).map(({ code }) => code),
    ['disk.read-only'],
  )
})

test('what boots next is told with its tries when it is counted, and as nothing when nothing boots', () => {
  const counted = { slot: 'B', counted: true, triesLeft: 2, startsLeft: null, spare: 'A' } as const
  assert.deepEqual(nextSentence({ ...recovery(), bootsNext: counted }), {
    kind: 'counted',
    slot: 'B',
    spare: 'A',
    tries: 3,
  })
  assert.deepEqual(nextSentence(recovery()), { kind: 'settled', slot: 'A' })
  assert.deepEqual(nextSentence({ ...recovery(), bootsNext: null }), { kind: 'nothing' })
  const later = { ...recovery(), bootsNext: null, bootsLater: counted }
  assert.deepEqual(nextSentence(later), { kind: 'later', slot: counted.slot })
  const patient = { slot: 'A', counted: false, triesLeft: null, startsLeft: 5, spare: 'B' } as const
  assert.deepEqual(nextSentence({ ...recovery(), bootsNext: patient }), {
    kind: 'patient',
    slot: 'A',
    spare: 'B',
    starts: 6,
  })
  const lost = recovery({ verdict: 'Trying', triesLeft: 3 })
  assert.deepEqual(nextSentence(lost), { kind: 'unknown', slot: 'A' }, 'never called good without evidence')
})

test('a repair of the boot loader offers releases with boot files only, and never a bad one', () => {
  const image = (change: Partial<ImageView>) => ({ state: 'trusted', hasBootFiles: true, ...change }) as ImageView
  const images = [image({}), image({ hasBootFiles: false }), image({ state: 'bad' }), image({ state: 'verified' })]
  assert.deepEqual(repairImages('boot-loader', images), [images[0], images[3]])
  assert.deepEqual(repairImages('slot-record', images), [images[0], images[1], images[3]])
  assert.ok(needsImage('boot-loader') && needsImage('slot-record') && !needsImage('environment'))
})

test('the length of a digest check is what both slots hold', () => {
  assert.equal(bytesToCheck(recovery({ size: 5 }, { size: null })), 5)
})
