// What deciding YAML files may not hold is refused with its place, before it costs anything.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMap, isSeq } from 'yaml'
import { DEFAULT_OPTIONS, parseYamlTree, TreeReader, type YamlProblem } from './yaml-tree.ts'

const problem = (text: string, options = DEFAULT_OPTIONS): YamlProblem | null => {
  const result = parseYamlTree(text, options)
  return result.ok ? null : result.problem
}
const WORDS = { invalid: 'layout.invalid', unknownKey: 'layout.unknown-key', nothing: 'empty' } as const

test('aliases, anchors and tags are refused where they stand', () => {
  assert.deepEqual(problem('a: 1\nb: &x 2\n'), {
    kind: 'feature',
    place: { line: 2, column: 7 },
    found: 'an anchor (&)',
  })
  assert.equal(problem('a: !t 1')?.kind, 'feature')
  assert.deepEqual(problem('a:\n  - *x\n'), { kind: 'feature', place: { line: 2, column: 5 }, found: 'an alias (*)' })
  assert.equal(problem('a: "*x &y !z"'), null)
})

test('what is nested too deeply is refused by counting, before the parser is asked', () => {
  const deep = (levels: number) => [`${'['.repeat(levels)}${']'.repeat(levels)}`, `${'- '.repeat(levels)}a`]
  for (const text of deep(30)) assert.equal(problem(text), null)
  for (const text of [...deep(33), '{a: '.repeat(10_000), '- '.repeat(30_000)]) {
    const found = problem(text)
    assert.equal(found?.kind === 'syntax' && found.reason, 'nested deeper than 32 levels', text.slice(0, 20))
  }
  assert.equal(problem('[[[1]]]', { schema: 'core', maxDepth: 2 })?.kind, 'syntax')
})

test('broken text is told with its place, and an empty one is a tree without a root', () => {
  const found = problem('a: 1\nb: [1,\n')
  assert.ok(found?.kind === 'syntax')
  assert.ok(found.place.line >= 2 && found.reason.length > 0)
  const empty = parseYamlTree('')
  assert.ok(empty.ok)
  assert.deepEqual([empty.tree.root, empty.tree.plain()], [null, null])
})

test('with the failsafe schema every scalar is text', () => {
  const text = 'a: 3.10\nb: yes\nc: null\n'
  const [core, failsafe] = (['core', 'failsafe'] as const).map((schema) => parseYamlTree(text, { schema, maxDepth: 9 }))
  assert.deepEqual(core.ok && core.tree.plain(), { a: 3.1, b: 'yes', c: null })
  assert.deepEqual(failsafe.ok && failsafe.tree.plain(), { a: '3.10', b: 'yes', c: 'null' })
})

test('the reader gives the known keys, tells the others, and calls values by what they are', () => {
  const parsed = parseYamlTree(`a: 1\nb: [x]\n${'c'.repeat(50)}: {}\nd:\ne: "${'t'.repeat(50)}"\n`)
  assert.ok(parsed.ok)
  const { root } = parsed.tree
  assert.ok(isMap(root))
  const reader = new TreeReader(parsed.tree, WORDS)
  const values = reader.keys(root, ['a', 'b', 'd', 'e'])
  assert.deepEqual(reader.findings, [
    { code: 'layout.unknown-key', details: { line: 3, column: 1, key: `${'c'.repeat(40)}…`, expected: 'a, b, d, e' } },
  ])
  assert.ok(isSeq(values.get('b')))
  const called = ['a', 'b', 'd', 'e'].map((key) => reader.describe(values.get(key) ?? null))
  assert.deepEqual(called, ['the number 1', 'a list', 'empty', `"${'t'.repeat(40)}…"`])
  assert.equal(reader.invalid(values.get('b') ?? null, 'b', 'a text'), null)
  const [, told] = reader.findings
  assert.deepEqual(told.details, { line: 2, column: 4, key: 'b', expected: 'a text', found: 'a list' })
})
