import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { normalise, type Span, subtract } from './ranges.ts'

const spans = fc.array(
  fc.record({ start: fc.nat(60), length: fc.nat(12) }).map(({ start, length }) => ({ start, end: start + length })),
  { maxLength: 12 },
)
const numbers = (list: readonly Span[]) =>
  new Set(list.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)))
const tidy = (list: readonly Span[]) =>
  list.every(({ start, end }, i) => start < end && (i === 0 || list[i - 1].end < start))

test('normalising keeps the numbers and gives ascending, separate spans', () => {
  fc.assert(
    fc.property(spans, (list) => {
      assert.deepEqual(numbers(normalise(list)), new Set([...numbers(list)].sort((a, b) => a - b)))
      assert.ok(tidy(normalise(list)))
    }),
  )
})

test('subtracting is the difference of the sets of numbers', () => {
  fc.assert(
    fc.property(spans, spans, (from, without) => {
      assert.deepEqual(
        numbers(subtract(from, without)),
        new Set([...numbers(normalise(from))].filter((n) => !numbers(without).has(n))),
      )
      assert.ok(tidy(subtract(from, without)))
    }),
  )
})
