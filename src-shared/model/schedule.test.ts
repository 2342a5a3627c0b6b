// The daily look for updates: once per local day, later when it was off, not stuck when a clock was wrong.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { clockTrusted, due, parseSchedule } from './schedule.ts'

const at = (text: string): Date => new Date(text)
const BERLIN = 'Europe/Berlin'

test('a schedule is a time of day', () => {
  assert.deepEqual(parseSchedule(' 02:00 '), { ok: true, value: '02:00' })
  for (const text of ['24:00', 'nightly', '', null, 120]) {
    const result = parseSchedule(text)
    assert.ok(!result.ok && result.refusals[0]?.code === 'window.bad-time')
  }
})

test('due once per local day, at its time', () => {
  const ran = at('2026-11-21T01:00:10Z')
  assert.ok(!due('02:00', BERLIN, ran, at('2026-11-21T12:00:00Z')))
  assert.ok(!due('02:00', BERLIN, ran, at('2026-11-22T00:59:59Z')))
  assert.ok(due('02:00', BERLIN, ran, at('2026-11-22T01:00:00Z')))
  assert.ok(!due('02:00', BERLIN, at('2026-11-22T01:00:00Z'), at('2026-11-22T01:00:00Z')))
})

test('an appliance that was off at the time catches up once', () => {
  const back = at('2026-11-22T09:00:00Z')
  assert.ok(due('02:00', BERLIN, at('2026-11-19T01:00:00Z'), back))
  assert.ok(!due('02:00', BERLIN, back, at('2026-11-22T23:00:00Z')))
  assert.ok(due('02:00', BERLIN, null, back))
  assert.ok(due(null, BERLIN, back, back), 'no schedule: at any time')
})

test('a last run in the future was recorded by a wrong clock and does not stop the schedule', () => {
  assert.ok(due('02:00', BERLIN, at('2038-01-19T00:00:00Z'), at('2026-11-22T09:00:00Z')))
})

test('a clock before the build of the system is not trusted', () => {
  assert.ok(!clockTrusted(at('1970-01-01T00:02:00Z'), at('2026-11-01T00:00:00Z')))
  assert.ok(clockTrusted(at('2026-11-01T00:00:00Z'), at('2026-11-01T00:00:00Z')))
})

/** The first minute, within 26 hours of a run at `now`, at which it is due again. */
function nextDue(schedule: string, zone: string, now: Date): Date {
  const moment = (minute: number): Date => new Date(Math.floor(now.getTime() / 60_000) * 60_000 + minute * 60_000)
  let [before, after] = [0, 26 * 60]
  assert.ok(due(schedule, zone, now, moment(after)))
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (due(schedule, zone, now, moment(middle))) after = middle
    else before = middle
  }
  return moment(after)
}

test('where clocks change it is still once per day: in the gap right after it, in the overlap the first time', () => {
  assert.deepEqual(nextDue('02:30', 'America/New_York', at('2026-03-08T05:00:00Z')), at('2026-03-08T07:00:00Z'))
  assert.deepEqual(nextDue('01:30', 'America/New_York', at('2026-11-01T04:00:00Z')), at('2026-11-01T05:30:00Z'))
  assert.ok(!due('01:30', 'America/New_York', at('2026-11-01T05:30:00Z'), at('2026-11-01T06:30:00Z')))
})

test('property: after a run it is due again exactly from the next time on', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 400 * 1440 }),
      fc.integer({ min: 0, max: 1439 }),
      fc.constantFrom('America/New_York', BERLIN, 'Asia/Kolkata', 'Australia/Lord_Howe'),
      (minutes, time, zone) => {
        const now = new Date(Date.UTC(2026, 0, 1) + minutes * 60_000)
        const schedule = `${String(Math.floor(time / 60)).padStart(2, '0')}:${String(time % 60).padStart(2, '0')}`
        const next = nextDue(schedule, zone, now)
        assert.ok(next > now)
        assert.ok(!due(schedule, zone, now, new Date(next.getTime() - 1)))
      },
    ),
    { numRuns: 200 },
  )
})
