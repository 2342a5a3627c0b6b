import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { explain } from '#base/errors.ts'
import fc from '#testing/property.ts'
import { LAYOUT_FILE_LIMIT, parseLayoutYaml } from './layout-yaml.ts'

const GOOD = `name: test
partitions:
  - role: esp
    name: ESP
    size: 512 MB
  - role: slot-a
    name: SLOT-A
    size: 2 GB
  - { role: slot-b, name: SLOT-B, size: 2 GiB }
  - role: data
    name: DATA
    size: rest
    minimum: 1 GB
`

function refusal(text: string | Uint8Array) {
  const result = parseLayoutYaml(text)
  if (result.ok) assert.fail('not refused')
  const [{ code, details }] = result.refusals
  const { message } = explain(result.refusals[0])
  assert.doesNotMatch(message, /\{\w+\}/)
  return { code, line: details.line, column: details.column, key: details.key, message, all: result.refusals }
}
const change = (from: string, to: string) => {
  assert.ok(GOOD.includes(from))
  return refusal(GOOD.replace(from, to))
}

test('the example of docs/format/layout.md is read as it says', () => {
  const page = readFileSync(new URL('../../docs/format/layout.md', import.meta.url), 'utf8')
  const example = /```yaml\n(.*?)```/s.exec(page)?.[1]
  assert.ok(example)
  const result = parseLayoutYaml(example)
  assert.ok(result.ok, JSON.stringify(result))
  const { name, partitions } = result.value
  assert.equal(name, 'hp-t640-large-slots')
  assert.deepEqual(
    partitions.map(({ role, size, filesystem }) => [role, size, filesystem]),
    [
      ['esp', 512_000_000, 'fat32'],
      ['slot-a', 4_000_000_000, 'none'],
      ['slot-b', 4_000_000_000, 'none'],
      ['logs', 2 ** 30, 'ext4'],
      ['data', 'rest', 'ext4'],
    ],
  )
  assert.equal(partitions[4].minimum, 2_000_000_000)
})

test('values that are wrong are named by line, column and key', () => {
  const size = change('size: 512 MB', 'size: 512')
  assert.deepEqual([size.code, size.line, size.column, size.key], ['layout.invalid', 5, 11, 'size'])
  assert.match(size.message, /Line 5, column 11: "size" must be a size with unit.*it is the number 512\./)
  assert.equal(change('role: slot-a', 'role: slot-c').line, 6)
  assert.equal(change('minimum: 1 GB', 'minimum: rest').key, 'minimum')
  assert.equal(change('size: rest', 'size: 5 GB').key, 'minimum')
  assert.equal(change('name: SLOT-A', 'name: [1]').key, 'name')
  assert.equal(change('name: test', 'name: Über').key, 'name')
  assert.equal(change('name: test', 'name:').key, 'name')
  assert.equal(refusal('- 1\n').key, 'layout')
  assert.equal(refusal('name: x\npartitions: []\n').key, 'partitions')
  assert.equal(refusal('name: x\npartitions: [1]\n').key, 'partitions[0]')
  assert.equal(refusal('').key, 'layout')
})

test('unknown and missing keys are named by line', () => {
  const unknown = change('    minimum: 1 GB', '    minimun: 1 GB')
  assert.deepEqual([unknown.code, unknown.line, unknown.key], ['layout.unknown-key', 13, 'minimun'])
  const missing = change('    size: 2 GB\n', '')
  assert.deepEqual([missing.code, missing.line, missing.key], ['layout.missing-key', 6, 'size'])
})

test('several mistakes are told at once', () => {
  const broken = GOOD.replace('512 MB', '512').replace('role: data', 'role: daten')
  assert.equal(refusal(broken).all.length, 2)
})

test('rules of the layout as a whole name the line as well', () => {
  const order = refusal(
    GOOD.replace('role: slot-a', 'role: slot-x').replace('slot-b', 'slot-a').replace('slot-x', 'slot-b'),
  )
  assert.equal(order.code, 'layout.order')
  assert.match(order.message, /^line 6, partition 2 "SLOT-A": role slot-b must be partition 3; it is 2\./)
})

test('broken YAML is told with its place', () => {
  for (const text of [
    'a: [1',
    'a: b: c',
    '"x',
    'name: x\nname: y\n',
    '%YAML 9.9 9\n---\na: 1\n',
    'a: 1\n---\nb: 2\n',
    '\t- x',
  ])
    assert.equal(refusal(text).code, 'layout.yaml-syntax', text)
  assert.equal(refusal('name: x\nname: y\n').line, 2)
  assert.equal(refusal(Uint8Array.of(0x61, 0xff)).code, 'layout.yaml-syntax')
})

test('YAML bombs are refused before they grow', () => {
  const laughs = `a: &a [x,x,x,x]\n${[...'bcdefgh'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`)}]\n`).join('')}`
  assert.equal(refusal(laughs).code, 'layout.yaml-feature')
  assert.equal(refusal('a: *nothing\n').code, 'layout.yaml-feature')
  assert.equal(change('name: test', 'name: !!binary dGVzdA==').code, 'layout.yaml-feature')
  assert.equal(refusal('x: !!js/function "a"').code, 'layout.yaml-feature')
  assert.equal(refusal('<<: {a: 1}\nname: x\npartitions: 1').code, 'layout.unknown-key')
  assert.equal(refusal('['.repeat(60_000)).code, 'layout.yaml-syntax')
  assert.equal(refusal('{a: '.repeat(15_000)).code, 'layout.yaml-syntax')
  assert.equal(refusal('- '.repeat(30_000)).code, 'layout.yaml-syntax')
  assert.equal(refusal('? '.repeat(30_000)).code, 'layout.yaml-syntax')
  assert.equal(refusal(`name: x # ${'x'.repeat(LAYOUT_FILE_LIMIT)}`).code, 'layout.file-too-large')
})

test('nesting by indentation alone stays harmless', () => {
  let text = ''
  for (let depth = 0; depth < 340; depth++) text += `${' '.repeat(depth)}a:\n`
  assert.match(refusal(text).code, /^layout\./)
})

test('no text makes the reader throw', () => {
  const piece = fc.constantFrom(
    ...GOOD.split(/\b/),
    ...'[]{}:-?&*!|>%@`#"\n \t',
    '---\n',
    '<<',
    '!!int',
    'rest',
    '&a',
    '*a',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 0, max: GOOD.length }), (pieces, at) => {
      parseLayoutYaml(pieces.join(''))
      parseLayoutYaml(GOOD.slice(0, at) + pieces.slice(0, 3).join('') + GOOD.slice(at))
    }),
    { numRuns: 700 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      parseLayoutYaml(bytes)
    }),
    { numRuns: 300 },
  )
})
