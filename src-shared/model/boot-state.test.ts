import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  armTrial,
  cameUp,
  confirm,
  factoryState,
  goBack,
  markBad,
  reset,
  select,
  settleFallback,
  startsCounted,
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

test('a factory-new disk: the default slot is Good, the other one is on trial with three tries left', () => {
  assert.equal(word('A'), 'Good')
  assert.equal(word('B'), 'on trial, 3 tries left')
})

test('the verdict follows the life of a slot', () => {
  const armed = armTrial(FACTORY, 'B').after
  assert.equal(word('B', armed), 'on trial, 3 tries left')
  assert.equal(word('B', { ...armed, left: 1 }), 'on trial, 1 try left')
  assert.equal(word('B', { ...armed, left: 0, failed: 'B' }), 'Bad')
  assert.equal(word('B', settleFallback({ ...armed, left: 0, failed: 'B' }, 'A').after), 'Bad')
  const confirmed = confirm(armed, 'B').after
  assert.equal(word('B', confirmed), 'Good')
  assert.equal(word('A', confirmed), 'Good', 'the slot that worked before stays Good')
  assert.equal(word('A', armTrial(confirmed, 'A').after), 'Good', 'a trial takes nothing from what was confirmed')
  assert.equal(word('B', reset(markBad(confirmed, 'B').after, 'B').after), 'on trial, 3 tries left')
  assert.equal(word('A', reset(confirmed, 'A').after), 'on trial, 3 tries left', 'new content must prove itself again')
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
  const env = ['grubenv', 'grubenv2', 'good']
  assert.deepEqual(armTrial(FACTORY, 'B').order, [...env, 'ab_state'])
  assert.deepEqual(confirm(FACTORY, 'B').order, [...env, 'ab_state'])
  assert.deepEqual(select(FACTORY, 'A').order, ['ab_state', ...env])
  assert.deepEqual(markBad(FACTORY, 'B').order, ['ab_state', ...env])
  assert.deepEqual(reset(FACTORY, 'B').order, env)
})

test('boot once is a trial with one try, and tries stay within 1 to 3', () => {
  assert.equal(armTrial(FACTORY, 'B', 1).after.left, 1)
  assert.equal(armTrial(FACTORY, 'B', 9).after.left, 3)
  assert.equal(armTrial(FACTORY, 'B', 0).after.left, 1)
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

test('a slot that somebody wants to boot once says so, and says what is left once it has started', () => {
  const once = armTrial(FACTORY, 'B', 1).after
  assert.equal(word('B', once), 'boots once')
  assert.equal(word('B', { ...once, left: 0 }), 'on trial, no tries left')
  assert.equal(word('B', armTrial(once, 'B').after), 'on trial, 3 tries left')
})

test('a slot that was confirmed stays Good when another one is marked bad, tried, or boots in its place', () => {
  const both = confirm(FACTORY, 'B').after
  const marked = markBad(both, 'B').after
  assert.deepEqual([marked.wanted, marked.good, word('A', marked), word('B', marked)], ['A', 'A', 'Good', 'Bad'])
  const once = { ...armTrial(both, 'A', 1).after, left: 0, failed: 'A' } as const
  assert.equal(word('A', settleFallback(once, 'B').after), 'Good')
  const turn = settleFallback({ ...both, run: 'A', starts: 5 }, 'A').after
  assert.deepEqual([turn.wanted, turn.run, word('A', turn), word('B', turn)], ['A', null, 'Good', 'Good'])
})

test('a confirmed slot that came up is counted anew, and nothing else changes', () => {
  const counted = { ...confirm(FACTORY, 'B').after, starts: 2 } as const
  assert.ok(startsCounted(counted) && startsCounted({ ...FACTORY, starts: null }))
  assert.deepEqual(cameUp(counted).after, { ...counted, starts: 6 })
  assert.ok(!startsCounted(cameUp(counted).after))
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
