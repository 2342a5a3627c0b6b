import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { hashOfRoute, routeOfHash, SCREENS } from './route.ts'

test('every screen with every subject comes back out of its address', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SCREENS),
      fc.option(fc.string({ minLength: 1, unit: 'grapheme' })),
      (screen, about) => {
        assert.deepEqual(routeOfHash(hashOfRoute({ screen, about })), { screen, about })
      },
    ),
    { numRuns: 200 },
  )
})

test('whatever is typed into the address leads to a screen', () => {
  assert.deepEqual(routeOfHash(''), { screen: 'bench', about: null })
  assert.deepEqual(routeOfHash('#/nonsense/x'), { screen: 'bench', about: null })
  assert.deepEqual(routeOfHash('#/slots/%E0%A4%A'), { screen: 'slots', about: null })
  fc.assert(
    fc.property(fc.string(), (hash) => {
      assert.ok(SCREENS.includes(routeOfHash(hash).screen))
    }),
  )
})
