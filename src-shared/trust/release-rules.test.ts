// The rules that an authentic release must fulfil besides being authentic.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explain } from '#base/errors.ts'
import { sampleManifest } from '#testing/sample-manifest.ts'
import { checkReleaseRules, type ReleaseSituation } from './release-rules.ts'

const now = new Date('2026-12-01T00:00:00Z')
const installed = { product: 'demo', version: '1.0.0', counter: 43 }
const codes = (situation: Partial<ReleaseSituation>, changes = {}) =>
  checkReleaseRules(sampleManifest(changes), { now, ...situation }).map((finding) => {
    assert.doesNotMatch(explain(finding).message, /[{}]/)
    return finding.code
  })

test('a release for this product, hardware and state has nothing against it', () => {
  assert.deepEqual(codes({ product: 'demo', hardware: 'HP t640 Thin Client', installed }), [])
  assert.deepEqual(codes({}), [])
  assert.deepEqual(codes({ installed: { product: null, version: null, counter: null } }), [])
})

test('a release is expired from the second it names', () => {
  assert.deepEqual(codes({ now: new Date('2027-11-22T03:59:59Z') }), [])
  assert.deepEqual(codes({ now: new Date('2027-11-22T04:00:00Z') }), ['release.expired'])
  assert.deepEqual(codes({ now: new Date('2099-01-01T00:00:00Z') }, { expires: null }), [])
})

test('a release that was created after now is refused', () => {
  assert.deepEqual(codes({ now: new Date('2026-11-22T03:59:59Z') }), ['release.from-future'])
})

test('another product is refused, wanted or installed', () => {
  assert.deepEqual(codes({ product: 'other' }), ['release.wrong-product'])
  assert.deepEqual(codes({ installed: { ...installed, product: 'other' } }), ['release.wrong-product'])
  assert.deepEqual(codes({ product: 'other', installed: { ...installed, product: 'other' } }), [
    'release.wrong-product',
  ])
})

test('other hardware is refused, unless the release names none or the machine is unknown', () => {
  assert.deepEqual(codes({ hardware: 'HP t740 Thin Client' }), ['release.wrong-hardware'])
  assert.deepEqual(codes({ hardware: '' }), ['release.wrong-hardware'])
  assert.deepEqual(codes({ hardware: 'HP t740 Thin Client' }, { hardware: [] }), [])
})

test('an older counter is refused without a reason; the same counter is fine', () => {
  const newer = { ...installed, counter: 45 }
  assert.deepEqual(codes({ installed: newer }), ['release.older-counter'])
  assert.deepEqual(codes({ installed: newer, allowOlder: '' }), ['release.older-counter'])
  assert.deepEqual(codes({ installed: newer, allowOlder: 'customer needs the old driver' }), [])
  assert.deepEqual(codes({ installed: { ...installed, counter: 44 } }), [])
})

test('a version below the minimum cannot be updated directly', () => {
  assert.deepEqual(codes({ installed: { ...installed, version: '0.9.9' } }), ['release.minimum-version'])
  assert.deepEqual(codes({ installed: { ...installed, version: '1.0.0-rc.1' } }), ['release.minimum-version'])
  assert.deepEqual(codes({ installed: { ...installed, version: '0.1' } }, { minimumVersion: null }), [])
})

test('everything that is wrong is said at once', () => {
  const all = codes({
    now: new Date('2028-01-01T00:00:00Z'),
    product: 'p',
    hardware: 'h',
    installed: { product: 'demo', version: '0.1', counter: 99 },
  })
  assert.equal(all.length, 5)
})

test('a version is neither lowered nor lost without a reason, unless the counter rises', () => {
  const said = { product: 'demo', hardware: [], created: null, expires: null, minimumVersion: null }
  const lowering = (
    version: string | null,
    counter: number | null,
    known: number | null,
    allowOlder: string | null = null,
  ) =>
    checkReleaseRules(
      { ...said, version, counter },
      { now, installed: { ...installed, counter: known }, allowOlder },
    ).map(({ code }) => code)
  assert.deepEqual(lowering(null, null, null), ['release.no-version'])
  assert.deepEqual(lowering('0.9.0', null, null), ['release.older-version'])
  assert.deepEqual(lowering('1.0.0', null, null), [])
  assert.deepEqual(lowering('0.9.0', 43, 43), ['release.older-version'])
  assert.deepEqual(lowering('0.9.0', 44, 43), [])
  assert.deepEqual(lowering('2.0.0', null, 43), ['release.older-counter'])
  for (const version of [null, '0.9.0']) assert.deepEqual(lowering(version, null, 43, 'on purpose'), [])
})
