import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitOfAll } from './several.ts'

test('the exit code of several disks is the one that all unfinished ones share, else 1', () => {
  assert.equal(exitOfAll([0, 0, 0]), 0)
  assert.equal(exitOfAll([0, 6, 6]), 6)
  assert.equal(exitOfAll([7, 0]), 7)
  assert.equal(exitOfAll([6, 7, 0]), 1)
  assert.equal(exitOfAll([1, 3]), 1)
})
