import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { RangeSet } from './range-set.ts'

test('a range set agrees with a plain list of flags, whatever is added and removed', () => {
  const step = fc.record({ add: fc.boolean(), offset: fc.nat(60), length: fc.nat(30) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const set = new RangeSet()
      const flags = new Array<boolean>(100).fill(false)
      for (const { add, offset, length } of steps) {
        if (add) set.add(offset, length)
        else set.remove(offset, length)
        flags.fill(add, offset, offset + length)
      }
      const found = new Array<boolean>(100).fill(false)
      let last = -1
      for (const [offset, length] of set.extents) {
        assert.ok(offset > last && length > 0, 'sorted, apart, not empty')
        last = offset + length
        found.fill(true, offset, offset + length)
      }
      assert.deepEqual(found, flags)
      for (let i = 0; i < 90; i += 7) assert.equal(set.contains(i, 5), flags.slice(i, i + 5).every(Boolean))
    }),
    { numRuns: 200 },
  )
})
