// Canonical JSON: what may be signed has exactly one spelling.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import fc from '#testing/property.ts'
import { canonicalJson, MAX_DEPTH, parseCanonicalJson } from './canonical-json.ts'

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 5 }),
  ),
})).value

test('writing and reading gives the same value, and the same text again', () => {
  fc.assert(
    fc.property(plain, (value) => {
      const text = canonicalJson(value)
      assert.deepEqual(canonicalJson(parseCanonicalJson(utf8(text))), text)
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
    }),
    { numRuns: 300 },
  )
})

test('keys are sorted by UTF-16 code units and undefined properties are left out', () => {
  assert.equal(
    canonicalJson({ b: 1, a: [2, 'x'], é: null, A: undefined, Z: true }),
    '{"Z":true,"a":[2,"x"],"b":1,"é":null}',
  )
})

const refused: readonly (readonly [string, string | Uint8Array])[] = [
  ['white space', '{"a": 1}'],
  ['a line end', '{"a":1}\n'],
  ['a byte-order mark', '\ufeff{"a":1}'],
  ['keys out of order', '{"b":1,"a":2}'],
  ['a key twice', '{"a":1,"a":1}'],
  ['a fraction', '1.5'],
  ['an exponent', '1e3'],
  ['minus zero', '-0'],
  ['a number that no double holds exactly', '9007199254740993'],
  ['an escape that is not needed', '"\\u0041"'],
  ['an escaped slash', '"\\/"'],
  ['half a surrogate pair', '"\\ud800"'],
  ['no JSON', '{a:1}'],
  ['nothing', ''],
  ['a prototype key that hides', '{"__proto__":{"a":1},"a": 1}'],
  ['deep nesting', '['.repeat(MAX_DEPTH + 2) + ']'.repeat(MAX_DEPTH + 2)],
  ['very deep nesting', '['.repeat(200_000) + ']'.repeat(200_000)],
  ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
]
for (const [what, input] of refused)
  test(`reading refuses ${what}`, () => {
    const bytes = typeof input === 'string' ? utf8(input) : input
    assert.throws(
      () => parseCanonicalJson(bytes),
      (error) => isEngineError(error, 'format.json-not-canonical'),
    )
  })

test('writing refuses what has no canonical form', () => {
  for (const value of [0.5, Number.NaN, 2 ** 53, -0, 'x\ud800', () => 1, 1n, undefined, { a: Symbol.iterator }])
    assert.throws(
      () => canonicalJson(value),
      (error) => isEngineError(error, 'format.json-not-canonical'),
    )
})
