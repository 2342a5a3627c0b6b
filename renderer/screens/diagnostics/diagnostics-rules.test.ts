import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countStates, linesIn, typeOfName, worstFirst } from './diagnostics-rules.ts'

const rows = (
  [
    ['System', 'ok'],
    ['Runner', 'failed'],
    ['Disks', 'warning'],
    ['Tools', 'ok'],
    ['Clock', 'failed'],
  ] as const
).map(([name, state]) => ({ name, state, found: [] }))

test('every row of a self-test is counted once', () => {
  assert.deepEqual(countStates(rows), { ok: 2, warning: 1, failed: 2 })
  assert.deepEqual(countStates([]), { ok: 0, warning: 0, failed: 0 })
})

test('what failed stands first, and equal results keep their order', () => {
  assert.deepEqual(
    worstFirst(rows).map(({ name }) => name),
    ['Runner', 'Clock', 'Disks', 'System', 'Tools'],
  )
})

test('a line break at the end does not make another line', () => {
  assert.deepEqual([linesIn(''), linesIn('a'), linesIn('a\n'), linesIn('a\nb'), linesIn('a\n\n')], [0, 1, 1, 2, 2])
})

test('the bundle is saved as what its name says', () => {
  assert.equal(typeOfName('bundle.json'), 'application/json')
  assert.equal(typeOfName('bundle.txt'), 'text/plain')
})
