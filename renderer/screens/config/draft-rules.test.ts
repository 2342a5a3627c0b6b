import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigDraftView } from '#contract/views.ts'
import { buildAppliance, buildProblem, buildUnit } from '#renderer/testing/fixtures.ts'
import {
  againstRestore,
  configSources,
  countLines,
  kindOfFile,
  problemsOfFile,
  rangeOfLine,
  restoreObstacle,
  sortedProblems,
  textOfFile,
  wrongLines,
} from './draft-rules.ts'

const problem = (file: string, line: number | null) => ({
  code: 'config.x',
  message: `${file}:${line}`,
  remedy: '',
  details: {},
  file,
  line,
})

const draft = (problems: ConfigDraftView['problems']): ConfigDraftView => ({
  draft: 'draft-0001',
  from: 'folder',
  unit: null,
  files: [
    { path: 'b.yaml', size: 3, secret: false, text: 'a: 1' },
    { path: 'a.yaml', size: 3, secret: false, text: 'a: 1' },
  ],
  problems,
})

test('a jump to a line selects exactly that line, and stays within the text', () => {
  const text = 'one\ntwo\n\nfour'
  assert.equal(text.slice(...rangeOfLine(text, 2)), 'two')
  assert.equal(text.slice(...rangeOfLine(text, 3)), '')
  assert.equal(text.slice(...rangeOfLine(text, 99)), 'four')
  assert.equal(text.slice(...rangeOfLine(text, -1)), 'one')
  assert.equal(countLines(text), 4)
})

test('mistakes are listed as the files are, then by line, the ones of a whole file first', () => {
  const found = sortedProblems(
    draft([problem('a.yaml', 2), problem('b.yaml', 7), problem('b.yaml', null), problem('gone', 1)]),
  )
  assert.deepEqual(
    found.map(({ message }) => message),
    ['b.yaml:null', 'b.yaml:7', 'a.yaml:2', 'gone:1'],
  )
  assert.deepEqual(
    problemsOfFile(draft([problem('a.yaml', 2), problem('b.yaml', 7)]), 'b.yaml').map(({ line }) => line),
    [7],
  )
  assert.deepEqual(wrongLines([problem('b.yaml', 7), problem('b.yaml', null)]), new Set([7]))
})

test('a secret stays one even if a text came with it', () => {
  assert.equal(kindOfFile({ path: 'k', size: 1, secret: true, text: 'abc' }), 'secret')
  assert.equal(kindOfFile({ path: 'k', size: 1, secret: false, text: null }), 'binary')
  assert.equal(kindOfFile({ path: 'k', size: 1, secret: false, text: '' }), 'text')
  assert.equal(textOfFile(draft([]), 'a.yaml'), 'a: 1')
  assert.equal(textOfFile(draft([]), 'gone'), null)
})

test('nothing is restored with mistakes that nobody accepted, with changes that the host does not have, or onto no unit', () => {
  assert.equal(restoreObstacle(null, 'unit-0001', false, false), 'no-draft')
  assert.equal(restoreObstacle(draft([]), 'unit-0001', true, false), 'unsaved')
  assert.equal(restoreObstacle(draft([problem('a.yaml', 2)]), 'unit-0001', false, false), 'mistakes')
  assert.equal(restoreObstacle(draft([problem('a.yaml', 2)]), 'unit-0001', false, true), null)
  assert.equal(restoreObstacle(draft([problem('a.yaml', 2)]), null, false, true), 'no-unit')
  assert.equal(restoreObstacle(draft([]), null, false, false), 'no-unit')
  assert.equal(restoreObstacle(draft([]), 'unit-0001', false, false), null)
})

test('a unit whose /config cannot be replaced says why, and one whose /config cannot be read is no source', () => {
  const noPlace = buildProblem({ code: 'restore.no-place' })
  const refusal = buildProblem({ code: 'disk.mounted' })
  const good = buildAppliance({ serial: 'A' })
  const without = buildAppliance({
    serial: 'B',
    refusals: [refusal],
    configAgainst: { read: noPlace, restore: noPlace },
  })
  const preferred = buildAppliance({ serial: 'C' })
  assert.deepEqual(againstRestore(good), [])
  assert.deepEqual(againstRestore(without), [refusal, noPlace])
  assert.deepEqual(configSources([good, without, buildUnit(), preferred], preferred), [preferred, good])
})
