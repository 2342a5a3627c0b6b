import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  armOnce,
  armTrial,
  bootsNext,
  confirm,
  factoryState,
  goBack,
  markBad,
  NO_BOOT_STATE,
  reset,
  select,
  settleFallback,
  trialBoot,
  verdictOf,
  verdictText,
} from './boot-state.ts'
import type { SlotRecord, SlotRecords } from './slot.ts'

const written: SlotRecord = {
  state: 'written',
  content: {
    product: null,
    version: '1',
    counter: 1,
    size: 1,
    sha256: '0'.repeat(64),
    signer: '',
    writtenAt: '',
    writtenBy: '',
  },
}
const records = (A: SlotRecord, B: SlotRecord): SlotRecords => ({ A, B, override: null, fallback: null })
const BOTH = records(written, written)
const FACTORY = factoryState('A')
const word = (slot: 'A' | 'B', state = FACTORY, of = BOTH) => verdictText(verdictOf(slot, of, state))

test('a factory-new disk: the default slot is Good, the other one Trying (0 of 3)', () => {
  assert.equal(word('A'), 'Good')
  assert.equal(word('B'), 'Trying (0 of 3)')
})

test('the verdict follows the life of a slot', () => {
  const armed = armTrial(FACTORY, 'B').after
  assert.equal(word('B', armed), 'Trying (0 of 3)')
  assert.equal(word('B', { ...armed, left: 1 }), 'Trying (2 of 3)')
  assert.equal(word('B', { ...armed, left: 0, failed: 'B' }), 'Bad')
  assert.equal(word('B', settleFallback({ ...armed, left: 0, failed: 'B' }, 'A').after), 'Bad')
  const confirmed = confirm(armed, 'B').after
  assert.equal(word('B', confirmed), 'Good')
  assert.equal(word('A', confirmed), 'Good', 'the slot that worked before stays Good')
  assert.equal(word('A', armTrial(confirmed, 'A').after), 'Trying (0 of 3)')
  assert.equal(word('B', reset(markBad(confirmed, 'B').after, 'B').after), 'Trying (0 of 3)')
  assert.equal(word('A', reset(confirmed, 'A').after), 'Trying (0 of 3)', 'new content must prove itself again')
})

test('what the record says of an empty, half-written or unreadable slot comes first', () => {
  assert.equal(word('A', FACTORY, records({ state: 'empty' }, written)), 'Empty')
  assert.equal(
    word('A', FACTORY, records({ state: 'incomplete', since: '', by: '', version: null }, written)),
    'Incomplete',
  )
  assert.equal(word('A', FACTORY, records({ state: 'unknown' }, written)), 'Unknown')
  assert.equal(word('A', markBad(FACTORY, 'A').after, records({ state: 'unknown' }, written)), 'Bad')
})

test('activation writes the counter before the selection, confirmation before the selection, too', () => {
  assert.deepEqual(armTrial(FACTORY, 'B').order, ['grubenv', 'grubenv2', 'ab_state'])
  assert.deepEqual(confirm(FACTORY, 'B').order, ['grubenv', 'grubenv2', 'ab_state'])
  assert.deepEqual(select(FACTORY, 'A').order, ['ab_state', 'grubenv', 'grubenv2'])
  assert.deepEqual(markBad(FACTORY, 'B').order, ['ab_state', 'grubenv', 'grubenv2'])
  assert.deepEqual(reset(FACTORY, 'B').order, ['grubenv', 'grubenv2'])
})

test('boot once is a trial with one try, and tries stay within 1 to 3', () => {
  assert.equal(armOnce(FACTORY, 'B').after.left, 1)
  assert.equal(armTrial(FACTORY, 'B', 9).after.left, 3)
  assert.equal(armTrial(FACTORY, 'B', 0).after.left, 1)
})

test('what boots next', () => {
  assert.deepEqual(bootsNext(FACTORY, BOTH), { slot: 'A', counted: false, spare: 'B' })
  const armed = armTrial(FACTORY, 'B').after
  assert.deepEqual(bootsNext(armed, BOTH), { slot: 'B', counted: true, spare: 'A' })
  assert.deepEqual(bootsNext({ ...armed, left: 0 }, BOTH), { slot: 'A', counted: false, spare: null })
  const noGood = { ...armed, left: 0, good: null }
  assert.deepEqual(bootsNext(noGood, BOTH), { slot: 'A', counted: true, spare: null })
  assert.equal(bootsNext({ ...noGood, failed: 'B', trying: 'A' }, BOTH), null)
  assert.deepEqual(bootsNext(NO_BOOT_STATE, records({ state: 'empty' }, written))?.slot, 'B')
  assert.equal(bootsNext(FACTORY, records({ state: 'empty' }, { state: 'empty' })), null)
})

test('a good slot marked bad is neither wanted nor the one to fall back to', () => {
  const { wanted, good } = markBad(FACTORY, 'A').after
  assert.deepEqual([wanted, good], ['B', null])
})

test('going back boots a slot that was confirmed before uncounted, any other one as a trial', () => {
  const confirmed = confirm(armTrial(FACTORY, 'B').after, 'B').after
  const back = goBack(confirmed, 'B', false).after
  assert.deepEqual([back.wanted, back.good, word('B', back)], ['A', 'A', 'Good'])
  const unproven = goBack(FACTORY, 'A', false).after
  assert.deepEqual([unproven.wanted, unproven.good, unproven.trying, unproven.left], ['B', 'A', 'B', 3])
})

test('a trial that failed is Bad, and the good slot boots again with one overwritten file', () => {
  const { after, order } = goBack({ ...armTrial(FACTORY, 'B').after, left: 0 }, 'B', true)
  assert.deepEqual([after.wanted, after.good, after.trying, word('B', after)], ['A', 'A', null, 'Bad'])
  assert.equal(order[0], 'ab_state')
})

test('which start of a trial this is: only of the running slot, only while nobody confirmed it', () => {
  const armed = armTrial(FACTORY, 'B').after
  assert.equal(trialBoot(armed, 'A'), null)
  assert.equal(trialBoot(armed, 'B'), null, 'armed, but never started')
  assert.deepEqual(
    [2, 1, 0].map((left) => trialBoot({ ...armed, left }, 'B')),
    [1, 2, 3],
  )
  assert.equal(trialBoot({ ...armed, left: 0, failed: 'B' }, 'A'), null, 'fallen back')
  assert.equal(trialBoot(confirm({ ...armed, left: 2 }, 'B').after, 'B'), null)
})
