// Text of others steers nothing: not a terminal, not a sentence of ours, not JSON on a terminal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { CATALOGUE, type ErrorCode, explain } from './errors.ts'
import { foreignText, terminalJson, terminalLine, terminalText } from './foreign-text.ts'

export const HOSTILE: readonly string[] = [
  '\u001b[2J\u001b]0;title\u0007',
  '\u001b[31mred',
  '\u009b31m',
  'two\nlines\r\n✗ three',
  'a\u0000b\u007f',
  'evil\u202egnp.exe',
  '\u2066isolated\u2069\u200e\u061c',
  'zero\u200bwidth\u200d\ufeff\u00ad',
  'line\u2028paragraph\u2029',
  'half \ud800 pair \udc00',
  'private \ue000 and unassigned \u0378',
  'tag \u{e0041}',
  `tower ${'z\u0301'.padEnd(60, '\u0301')}`,
]
export const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]|\p{M}{5}/u

test('what could steer, hide or deceive is shown as its number; everything else passes as it is', () => {
  for (const text of HOSTILE) assert.doesNotMatch(foreignText(text), UNSAFE, JSON.stringify(text))
  assert.equal(foreignText('a\u001b[2Jb'), 'a\\u{1b}[2Jb')
  assert.equal(foreignText('half \ud800'), 'half \\u{d800}')
  for (const good of [
    'SanDisk Ultra 3.0',
    'Ключ выпуска',
    'مفتاح الإصدار',
    '発行鍵',
    'é e\u0301 ñ',
    'a\u00a0b',
    '😀',
    '',
  ])
    assert.equal(foreignText(good), good)
  assert.equal(foreignText('x'.repeat(600)), `${'x'.repeat(500)}…`)
  assert.equal(foreignText('😀'.repeat(20), 10), `${'😀'.repeat(10)}…`)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = foreignText(text)
      assert.doesNotMatch(once, UNSAFE)
      assert.ok(once.isWellFormed())
      assert.equal(foreignText(once), once)
      assert.doesNotMatch(terminalLine(text, false), UNSAFE)
      assert.deepEqual(JSON.parse(terminalJson(text)), text)
      assert.doesNotMatch(terminalJson(text), /[\p{C}\p{Zl}\p{Zp}]/u)
    }),
    { numRuns: 500 },
  )
})

test('every error of the catalogue keeps hostile details harmless, in message and remedy', () => {
  for (const code of Object.keys(CATALOGUE) as ErrorCode[])
    for (const text of HOSTILE) {
      const details = new Proxy({}, { get: () => text })
      const { message, remedy } = explain({ code, details })
      for (const said of [message, remedy]) assert.doesNotMatch(said, UNSAFE, `${code} ${JSON.stringify(text)}`)
    }
})

test('of all sequences only our own colours pass, and only where colours are on', () => {
  assert.equal(terminalLine('\u001b[31m✗\u001b[0m a\u001b[2Kb', true), '\u001b[31m✗\u001b[0m a\\u{1b}[2Kb')
  assert.equal(terminalLine('\u001b[31m✗\u001b[0m', false), '\\u{1b}[31m✗\\u{1b}[0m')
  assert.equal(terminalText('a\n\u202eb\n', false), 'a\n\\u{202e}b\n')
  assert.equal(terminalLine('a\tb', false), 'a b')
})
