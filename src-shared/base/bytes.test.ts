// Comparing bytes goes by words where they are aligned: whatever the length, the alignment and the place of a difference, the
// answer is that of a comparison byte by byte.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { equalBytes, isZero } from './bytes.ts'

/** Zeroes of this length that begin `shift` bytes into their buffer, with something around them. */
function zeroesAt(shift: number, length: number): Uint8Array {
  const bytes = new Uint8Array(shift + length + 8).fill(0xff).subarray(shift, shift + length)
  return bytes.fill(0)
}

const cases = fc
  .record({ length: fc.integer({ min: 0, max: 40 }), mine: fc.nat(7), other: fc.nat(7) })
  .chain((shape) => fc.record({ shape: fc.constant(shape), at: fc.nat(Math.max(0, shape.length - 1)) }))

test('bytes are equal or zero at every length and alignment, and one that differs is seen wherever it is', () => {
  fc.assert(
    fc.property(cases, ({ shape: { length, mine, other }, at }) => {
      const [a, b] = [zeroesAt(mine, length), zeroesAt(other, length)]
      assert.ok(equalBytes(a, b) && isZero(a) && isZero(b))
      if (length === 0) return
      a[at] = 1
      assert.ok(!equalBytes(a, b) && !equalBytes(b, a) && !isZero(a))
    }),
    { numRuns: 500 },
  )
  assert.equal(equalBytes(new Uint8Array(4), new Uint8Array(5)), false)
})
