import assert from 'node:assert/strict'
import { test } from 'node:test'
import { confirmState, isUnder, secondsToWait, spelled, typedFits } from './confirm-rules.ts'

test('case and white space of a typed or pasted confirmation do not matter, every other character does', () => {
  for (const typed of ['4F2A91', '4f2a91', ' 4F2A 91\n', '4f 2a 91']) assert.ok(typedFits(typed, '4F2A91'), typed)
  for (const typed of ['4F2A9', '4F2A911', 'xx4F2A91', '']) assert.ok(!typedFits(typed, '4F2A91'), typed)
})

test('nothing starts before the text fits and the waiting time is over', () => {
  assert.equal(confirmState('4F2A91', '4F2A91', 0), 'armed')
  assert.equal(confirmState('4F2A91', '4F2A91', 1), 'waiting')
  assert.equal(confirmState('4F2A92', '4F2A91', 0), 'wrong')
  assert.equal(confirmState('', '4F2A91', 0), 'type')
})

test('an empty expectation is never confirmed by an empty field', () => {
  assert.equal(confirmState('', '', 0), 'type')
})

test('whoever has typed the beginning is not told that it is wrong', () => {
  assert.equal(confirmState('4f2', '4F2A91', 0), 'type')
  assert.equal(confirmState('5f2', '4F2A91', 0), 'wrong')
})

test('the countdown shows whole seconds, and 0 only when the time is really over', () => {
  assert.deepEqual(
    [0, 1, 1000, 1001, 1999, 2000, 9000].map((ms) => secondsToWait(ms, 2000)),
    [2, 2, 1, 1, 1, 0, 0],
  )
  assert.equal(secondsToWait(0, 0), 0, 'assistive technology does not wait')
})

test('a start button at the place of the last click is noticed, also a little beside it', () => {
  const button = { left: 100, right: 200, top: 50, bottom: 90 }
  assert.ok(isUnder({ x: 150, y: 70 }, button))
  assert.ok(isUnder({ x: 210, y: 100 }, button))
  assert.ok(!isUnder({ x: 260, y: 70 }, button))
  assert.ok(!isUnder(null, button), 'the keyboard has no place')
})

test('a serial number is spelled character by character', () => {
  assert.equal(spelled('4f2a91'), '4 F 2 A 9 1')
})
