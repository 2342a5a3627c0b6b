// The order of versions and the form of times.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { isIsoTime, toIsoTime } from './iso-time.ts'
import { compareVersions, isVersion } from './version.ts'

const ascending = [
  '0.1.0-alpha',
  '0.1.0-alpha.1',
  '0.1.0-alpha.beta',
  '0.1.0-rc.2',
  '0.1.0-rc.11',
  '0.1.0',
  '0.1.1',
  '0.9',
  '0.10',
  '1.0.9',
  '1.0.44',
  '1.1',
  '2026.11',
  '2026.11.1',
  '99999999999999999999.0',
  '100000000000000000000.0',
]

test('versions are ordered by the value of their parts, pre-releases before their release', () => {
  for (const [i, a] of ascending.entries())
    for (const [j, b] of ascending.entries())
      assert.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} against ${b}`)
})

test('missing parts count as zero, leading zeroes and build names do not matter', () => {
  for (const [a, b] of [
    ['1.2', '1.2.0'],
    ['1.02', '1.2'],
    ['1.2+debug', '1.2+release'],
    ['1.2-rc.1+a', '1.2-rc.1'],
  ])
    assert.equal(compareVersions(a, b), 0)
})

test('the order is antisymmetric and transitive', () => {
  const part = fc.oneof(fc.nat(20).map(String), fc.constantFrom('a', 'b', 'rc'))
  const version = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.option(fc.array(part, { minLength: 1, maxLength: 3 })))
    .map(([release, pre]) => release.join('.') + (pre ? `-${pre.join('.')}` : ''))
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.ok(isVersion(a))
      assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) || 0)
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0)
    }),
    { numRuns: 300 },
  )
})

test('texts that are no versions are told apart', () => {
  for (const good of ['1', '1.0.44', 'v2', '1.0-rc.1+b7']) assert.ok(isVersion(good), good)
  for (const bad of ['', '.1', '-1', '1 0', '1.0\n', '1_0', '1/0', 'x'.repeat(66), '1.0-'])
    assert.ok(!isVersion(bad), bad)
})

test('a time has one form and exists', () => {
  assert.equal(toIsoTime(new Date(Date.UTC(2026, 10, 22, 4, 5, 6, 789))), '2026-11-22T04:05:06Z')
  assert.ok(isIsoTime('2024-02-29T23:59:59Z'))
  for (const bad of [
    '2026-02-29T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22',
    '2026-11-22T04:00:00+00:00',
    '2026-11-22T04:00:00.000Z',
  ])
    assert.ok(!isIsoTime(bad), bad)
})
