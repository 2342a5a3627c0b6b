// What a change of the boot selection says when it is done is true on every disk.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHANGED } from './slot-change.ts'

test('no change of one slot says what boots next, or anything of the other slot: it may be bad, empty or without tries', () => {
  for (const [action, say] of Object.entries(CHANGED)) {
    const said = say('B')
    assert.match(said, /slot B\b/i, action)
    assert.doesNotMatch(said, /other slot|slot A|boots (next|from)/i, action)
  }
})
