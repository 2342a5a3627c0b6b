import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildImage } from '#renderer/testing/fixtures.ts'
import { channelNote, daysSince, inOrder, isPast, titleOf } from './image-rules.ts'

const now = new Date('2026-11-22T08:00:00Z')
const old = buildImage({ token: 'image-old', version: '2.3.0', counter: 230, created: '2026-08-01T00:00:00Z' })
const current = buildImage({ token: 'image-new', version: '2.4.1', counter: 241, created: '2026-11-19T07:00:00Z' })

test('the image with the highest release counter of its channel is the newest known, with its age in whole days', () => {
  assert.deepEqual(channelNote(current, [old, current], now), { kind: 'newest', channel: 'stable', days: 3 })
  assert.deepEqual(channelNote(old, [old, current], now), { kind: 'older', channel: 'stable', newest: '2.4.1' })
})

test('an image that did not pass its checks makes no other image look old', () => {
  const forged = buildImage({ token: 'image-bad', version: '9.0.0', counter: 900, state: 'bad' })
  assert.equal(channelNote(current, [forged, current], now)?.kind, 'newest')
  assert.equal(channelNote(forged, [forged, current], now), null)
})

test('other products and other channels are not compared', () => {
  const other = buildImage({ product: 'other', counter: 999 })
  const beta = buildImage({ channel: 'beta', counter: 999 })
  assert.equal(channelNote(current, [other, beta, current], now)?.kind, 'newest')
})

test('an image without channel, counter or date says nothing about its age', () => {
  assert.equal(channelNote(buildImage({ channel: null }), [], now), null)
  assert.equal(channelNote(buildImage({ counter: null }), [], now), null)
  assert.equal(channelNote(buildImage({ created: null }), [], now), null)
})

test('a clock that is behind makes no negative age', () => {
  assert.equal(daysSince('2026-11-23T08:00:00Z', now), 0)
  assert.equal(daysSince('2026-11-21T08:00:01Z', now), 0)
  assert.equal(daysSince('2026-11-21T08:00:00Z', now), 1)
})

test('a date is past from its very moment on, and no date never is', () => {
  assert.ok(isPast('2026-11-22T08:00:00Z', now))
  assert.ok(!isPast('2026-11-22T08:00:01Z', now))
  assert.ok(!isPast(null, now))
})

test('the newest release stands first within its product, what could not be read last', () => {
  const unread = buildImage({ product: null, version: null, counter: null, name: 'a.img' })
  const order = inOrder([unread, old, buildImage({ product: 'zeta' }), current])
  assert.deepEqual(order.map(titleOf), ['hypernet 2.4.1', 'hypernet 2.3.0', 'zeta 2.4.1', 'a.img'])
})
