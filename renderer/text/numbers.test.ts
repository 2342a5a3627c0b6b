import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesText, elapsedText, percentOf, rateText, relativeText, remainingText, timeText } from './numbers.ts'
import { translator } from './translate.ts'

const plain = (text: string): string => text.replaceAll(/\s/gu, ' ')

test('sizes are decimal, as printed on drives, in the words of the language', () => {
  assert.equal(plain(bytesText(500_107_862_016, 'en')), '500 GB')
  assert.equal(plain(bytesText(1_500_000_000, 'de')), '1,5 GB')
  assert.equal(plain(bytesText(16e9, 'fr')), '16 Go')
  assert.equal(plain(bytesText(999_950_000, 'en')), '1 GB')
  assert.equal(plain(bytesText(512, 'en')), '512 bytes')
  assert.equal(plain(bytesText(1, 'en')), '1 byte')
  assert.equal(plain(bytesText(512, 'fr')), '512 octets')
  assert.equal(plain(bytesText(4e15, 'en')), '4,000 TB')
  assert.equal(plain(rateText(212_400_000, 'en')), '212 MB/s')
  assert.equal(plain(rateText(9_440_000, 'de')), '9,4 MB/s')
})

test('remaining time is rounded as people say it, and measuring is said', () => {
  const t = translator('en')
  assert.deepEqual(
    [null, 10, 95, 134, 3540, 3600, 5400, 7190].map((seconds) => remainingText(seconds, t)),
    [
      'measuring …',
      'less than a minute',
      'about 2 min',
      'about 2 min',
      'about 59 min',
      'about 1 h 0 min',
      'about 1 h 30 min',
      'about 2 h 0 min',
    ],
  )
})

test('a percentage is never 100 before the end and never leaves 0 to 100', () => {
  assert.deepEqual(
    [percentOf(0, 0), percentOf(999, 1000), percentOf(1000, 1000), percentOf(1200, 1000), percentOf(-5, 10)],
    [0, 99, 100, 100, 0],
  )
})

test('elapsed time is written as on a clock', () => {
  assert.deepEqual([7.9, 760, 3723, -1].map(elapsedText), ['0:07', '12:40', '1:02:03', '0:00'])
})

test('times carry their zone, and their day when it is not today', () => {
  const now = new Date('2026-11-22T13:08:00Z')
  const at = new Date('2026-11-22T13:05:00Z')
  assert.equal(plain(timeText(at, now, 'en-GB', 'Europe/Berlin')), '14:05 CET')
  assert.match(timeText(new Date('2026-11-20T13:05:00Z'), now, 'en-GB', 'Europe/Berlin'), /20 Nov 2026.* 14:05 CET/)
  assert.match(timeText(new Date('2026-11-22T23:30:00Z'), now, 'en-GB', 'Europe/Berlin'), /23 Nov/)
})

test('ages are told in the largest unit that fits', () => {
  const now = new Date('2026-11-22T13:08:00Z')
  const ago = (seconds: number): string => relativeText(new Date(now.getTime() - seconds * 1000), now, 'en')
  assert.deepEqual([5, 180, 7200, 3 * 86_400, -7200].map(ago), [
    'now',
    '3 minutes ago',
    '2 hours ago',
    '3 days ago',
    'in 2 hours',
  ])
})
