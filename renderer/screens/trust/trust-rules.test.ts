import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildAppliance, buildImage, buildStation, SIGNER } from '#renderer/testing/fixtures.ts'
import { addedKeys, compareTyped, groupsOf, lossWith } from './trust-rules.ts'

test('a fingerprint is ten groups of four that together are the fingerprint', () => {
  assert.deepEqual(new Set(groupsOf(SIGNER).map(({ length }) => length)), new Set([4]))
  assert.equal(groupsOf(SIGNER).length, 10)
  assert.equal(groupsOf(SIGNER).join(''), SIGNER)
})

test('a dictated fingerprint is equal only when every letter is; case, blanks and punctuation do not matter', () => {
  const spoken = groupsOf(SIGNER).join(' ').toLowerCase()
  for (const typed of [SIGNER, spoken, `0x${SIGNER}`, groupsOf(SIGNER).join(':'), ` ${spoken}\n`])
    assert.equal(compareTyped(SIGNER, typed).kind, 'equal', typed)
})

test('one wrong letter is found in its group, also the very last', () => {
  assert.deepEqual(compareTyped(SIGNER, `${SIGNER.slice(0, -1)}F`), { kind: 'differs', group: 10 })
  assert.deepEqual(compareTyped(SIGNER, `B${SIGNER.slice(1)}`), { kind: 'differs', group: 1 })
  assert.deepEqual(compareTyped(SIGNER, `${SIGNER.slice(0, 4)} X`), { kind: 'differs', group: 2 })
})

test('the short id that forgers copy is no match: an end alone, or a beginning alone, is not equal', () => {
  assert.equal(compareTyped(SIGNER, SIGNER.slice(-16)).kind, 'differs')
  assert.deepEqual(compareTyped(SIGNER, SIGNER.slice(0, 16)), { kind: 'so-far', count: 16 })
  assert.equal(compareTyped(SIGNER, `${SIGNER}0`).kind, 'too-long')
  assert.equal(compareTyped(SIGNER, '  ').kind, 'nothing')
})

test('whoever removes a key learns which images and how many slots lose their signer', () => {
  const { keys } = buildStation()
  const station = { keys, images: [buildImage(), buildImage({ signer: null })], units: [buildAppliance()] }
  const loss = lossWith(SIGNER, station)
  assert.deepEqual([loss.images.length, loss.slots, loss.lastKey], [1, 2, true])
  const other = lossWith('00'.repeat(20), station)
  assert.deepEqual([other.images.length, other.slots, other.lastKey], [0, 0, false])
})

test('a key that was on the list already does not count as added', () => {
  const { keys } = buildStation()
  const fresh = { ...keys[0], fingerprint: 'AB'.repeat(20) }
  assert.deepEqual(addedKeys(keys, [...keys, fresh]), [fresh])
  assert.deepEqual(addedKeys(keys, keys), [])
})
