// Maintenance windows against days whose clock changes are known, a scan of every minute, and Python's own zone data.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { isOpen, nextOpening, parseWindow, type Window } from './window.ts'

const MINUTE = 60_000

/** The first minute at which the window, open at `instant`, is closed. */
function closesAt(window: Window, instant: Date): Date {
  for (let moment = instant.getTime(); moment < instant.getTime() + 3 * 1440 * MINUTE; moment += MINUTE)
    if (!isOpen(window, new Date(moment))) return new Date(moment)
  throw new Error('it is open for days')
}

function windowOf(value: unknown): Window {
  const result = parseWindow(value)
  if (!result.ok) assert.fail(JSON.stringify(result.refusals))
  return result.value
}
const codesOf = (value: unknown): string[] => {
  const result = parseWindow(value)
  return result.ok ? [] : result.refusals.map(({ code }) => code)
}
const at = (text: string): Date => new Date(text)
const NEW_YORK = { start: '02:00', end: '05:00', timezone: 'America/New_York' }

test('absent, null, empty and disabled windows are always open', () => {
  for (const value of [undefined, null, {}, { enabled: false, start: 'x', days: ['never'] }]) {
    const window = windowOf(value)
    assert.ok(isOpen(window, at('2026-11-22T12:00:00Z')))
    assert.ok(isOpen(window, at('2026-11-29T12:00:00Z')))
    assert.deepEqual(nextOpening(window, at('2026-11-22T12:00:00Z')), at('2026-11-22T12:00:00Z'))
  }
})

test('defect 12: the window is in its own time zone, not in the clock of the machine', () => {
  const window = windowOf(NEW_YORK)
  assert.ok(!isOpen(window, at('2026-11-22T02:30:00Z')))
  assert.ok(isOpen(window, at('2026-11-22T07:00:00Z')))
  assert.ok(isOpen(window, at('2026-11-22T09:59:59.999Z')))
  assert.ok(!isOpen(window, at('2026-11-22T10:00:00Z')))
})

test('defect 12: a window across midnight belongs to the day on which it starts', () => {
  const window = windowOf({ start: '22:00', end: '03:00', timezone: 'Europe/Berlin', days: ['sunday'] })
  // 22 November 2026 is a Sunday; Berlin is one hour ahead of UTC.
  assert.ok(isOpen(window, at('2026-11-22T21:00:00Z')))
  assert.ok(isOpen(window, at('2026-11-23T01:59:00Z')), 'Monday 02:59 still belongs to Sunday')
  assert.ok(!isOpen(window, at('2026-11-23T02:00:00Z')))
  assert.ok(!isOpen(window, at('2026-11-22T01:00:00Z')), 'Sunday 02:00 would belong to Saturday')
  assert.deepEqual(closesAt(window, at('2026-11-22T21:00:00Z')), at('2026-11-23T02:00:00Z'))
})

test('defect 13: both dialects of day names mean the same, in any case', () => {
  const full = windowOf({ ...NEW_YORK, days: ['sunday', 'Monday', 'TUESDAY', 'wednesday', 'thursday'] })
  const short = windowOf({ ...NEW_YORK, enabled: true, days: ['thu', 'mon', 'Tue', 'WED', 'sun', 'sun'] })
  assert.deepEqual(short, full)
  const noDays = windowOf({ ...NEW_YORK, days: [] })
  assert.deepEqual(noDays.kind === 'hours' && noDays.days, [0, 1, 2, 3, 4, 5, 6])
})

test('defect 14: a window never opens by having waited long', () => {
  const window = windowOf({ ...NEW_YORK, days: ['sunday'] })
  const monday = at('2026-11-23T12:00:00Z')
  const opening = nextOpening(window, monday)
  assert.deepEqual(opening, at('2026-11-29T07:00:00Z'), 'six days later, not after 24 hours')
  for (let hours = 24; hours < 139; hours++)
    assert.ok(!isOpen(window, new Date(monday.getTime() + hours * 60 * MINUTE)), `${hours} h`)
})

test('what is not a window is refused with the reason', () => {
  assert.deepEqual(codesOf('02:00-05:00'), ['window.malformed'])
  assert.deepEqual(codesOf([]), ['window.malformed'])
  for (const enabled of ['never', '', 0, 1, {}])
    assert.deepEqual(codesOf({ ...NEW_YORK, enabled }), ['window.malformed'])
  assert.deepEqual(codesOf({ ...NEW_YORK, days: 'sunday' }), ['window.malformed'])
  assert.deepEqual(codesOf({ enabled: true }), ['window.bad-time', 'window.bad-time'])
  for (const start of ['24:00', '2', '02:60', 'two', '02:00:30', 120, '-1:00', ''])
    assert.deepEqual(codesOf({ ...NEW_YORK, start }), ['window.bad-time'], String(start))
  assert.deepEqual(codesOf({ ...NEW_YORK, end: '24:01' }), ['window.bad-time'])
  for (const timezone of ['Mars/Olympus', '+02:00', '', 7, 'EST5EDT;rm', '../UTC'])
    assert.deepEqual(codesOf({ ...NEW_YORK, timezone }), ['window.bad-zone'], String(timezone))
  for (const day of ['sonntag', 'su', 'sunda', 0, null, ''])
    assert.deepEqual(codesOf({ ...NEW_YORK, days: ['mon', day] }), ['window.bad-day'], String(day))
  assert.deepEqual(codesOf({ start: 'a', end: 'b', timezone: 'c', days: ['d'] }).length, 4)
})

test('New York, 8 March 2026: a start inside the gap opens at the first moment after it', () => {
  const window = windowOf({ ...NEW_YORK, start: '02:30' })
  assert.deepEqual(nextOpening(window, at('2026-03-08T06:00:00Z')), at('2026-03-08T07:00:00Z'))
  assert.deepEqual(closesAt(window, at('2026-03-08T07:00:00Z')), at('2026-03-08T09:00:00Z'))
})

test('New York, 8 March 2026: an end inside the gap closes when the clock jumps; a window inside the gap is left out', () => {
  const ends = windowOf({ ...NEW_YORK, start: '01:00', end: '02:30' })
  assert.deepEqual(closesAt(ends, at('2026-03-08T06:30:00Z')), at('2026-03-08T07:00:00Z'))
  const inside = windowOf({ ...NEW_YORK, start: '02:15', end: '02:45' })
  assert.deepEqual(nextOpening(inside, at('2026-03-08T06:00:00Z')), at('2026-03-09T06:15:00Z'))
})

test('New York, 1 November 2026: opens at the first and closes at the last occurrence', () => {
  const window = windowOf({ ...NEW_YORK, start: '01:15', end: '01:45' })
  assert.deepEqual(nextOpening(window, at('2026-11-01T04:00:00Z')), at('2026-11-01T05:15:00Z'))
  assert.deepEqual(closesAt(window, at('2026-11-01T05:15:00Z')), at('2026-11-01T06:45:00Z'))
  const before = windowOf({ ...NEW_YORK, start: '00:00', end: '01:00' })
  assert.deepEqual(
    closesAt(before, at('2026-11-01T04:00:00Z')),
    at('2026-11-01T05:00:00Z'),
    '01:00 comes back, not 00:59',
  )
})

test('Lord Howe changes by half an hour, Kolkata has half an hour, Apia left out a day', () => {
  const howe = windowOf({ start: '02:10', end: '03:00', timezone: 'Australia/Lord_Howe' })
  // 4 October 2026: 02:00 becomes 02:30 (UTC+10:30 to UTC+11).
  assert.deepEqual(nextOpening(howe, at('2026-10-03T14:00:00Z')), at('2026-10-03T15:30:00Z'))
  assert.deepEqual(closesAt(howe, at('2026-10-03T15:30:00Z')), at('2026-10-03T16:00:00Z'))
  const kolkata = windowOf({ start: '02:00', end: '05:00', timezone: 'Asia/Kolkata' })
  assert.deepEqual(nextOpening(kolkata, at('2026-11-22T00:00:00Z')), at('2026-11-22T20:30:00Z'))
  // There was no Friday 30 December 2011 in Apia.
  const apia = windowOf({ start: '02:00', end: '05:00', timezone: 'Pacific/Apia', days: ['fri'] })
  assert.deepEqual(nextOpening(apia, at('2011-12-24T12:00:00Z')), at('2012-01-05T12:00:00Z'))
})

test('start and end at the same time are a whole day; days that follow each other close together', () => {
  const monday = windowOf({ start: '03:00', end: '03:00', days: ['mon'] })
  assert.deepEqual(closesAt(monday, at('2026-11-23T03:00:00Z')), at('2026-11-24T03:00:00Z'))
  const two = windowOf({ start: '00:00', end: '24:00', days: ['mon', 'tue'] })
  assert.deepEqual(closesAt(two, at('2026-11-23T12:00:00Z')), at('2026-11-25T00:00:00Z'))
  for (const moment of ['2026-11-23T23:59:59.999Z', '2026-11-24T00:00:00Z'])
    assert.ok(isOpen(windowOf({ start: '00:00', end: '00:00' }), at(moment)))
  assert.ok(!isOpen(monday, at('2026-11-25T12:00:00Z')))
})

const ZONES = ['America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC']
/** Five days around each change of clocks; Apia's is the missing day of 2011. */
const CHANGES = ['2026-03-08', '2026-11-01', '2026-03-29', '2026-10-25', '2026-10-04', '2026-04-05', '2011-12-30']

const anyWindow = fc
  .record({
    start: fc.integer({ min: 0, max: 287 }),
    end: fc.integer({ min: 0, max: 288 }),
    zone: fc.constantFrom(...ZONES),
    days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 }),
  })
  .map(({ start, end, zone, days }): Window & { kind: 'hours' } => ({
    kind: 'hours',
    start: start * 5,
    end: end * 5,
    zone,
    days: days.sort(),
  }))
const anyMoment = fc
  .record({ day: fc.constantFrom(...CHANGES), minutes: fc.integer({ min: -2880, max: 2880 }) })
  .map(({ day, minutes }) => new Date(Date.parse(day) + minutes * MINUTE))

test('property: the next opening is open, and nothing is open before it', () => {
  fc.assert(
    fc.property(anyWindow, anyMoment, fc.double({ min: 0, max: 1, noNaN: true }), (window, moment, share) => {
      const opening = nextOpening(window, moment)
      assert.ok(isOpen(window, opening))
      if (opening > moment) assert.ok(!isOpen(window, new Date(opening.getTime() - 1)))
      const between = moment.getTime() + Math.floor((opening.getTime() - moment.getTime()) * share)
      if (between < opening.getTime()) assert.ok(!isOpen(window, new Date(between)))
    }),
    { numRuns: 400 },
  )
})

/**
 * The rule said in another way, on a list of what the wall clock shows each minute: a window is open from the first minute
 * that is not before its start until no later minute is before its end.
 */
function openMinutes(window: Window & { kind: 'hours' }, walls: readonly number[]): boolean[] {
  const open = walls.map(() => false)
  const first = Math.floor(Math.min(...walls) / 1440)
  const last = Math.ceil(Math.max(...walls) / 1440)
  for (let day = first - 1; day <= last; day++) {
    if (!window.days.includes((((day + 4) % 7) + 7) % 7)) continue
    const start = day * 1440 + window.start
    const end = (window.end <= window.start ? day + 1 : day) * 1440 + window.end
    const from = walls.findIndex((wall) => wall >= start)
    if (from >= 0) for (let i = from; i <= walls.findLastIndex((wall) => wall < end); i++) open[i] = true
  }
  return open
}

const PYTHON = `
import sys, json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo
for job in json.load(sys.stdin):
    zone, start = ZoneInfo(job["zone"]), job["start"]
    epoch = datetime(1970, 1, 1)
    print(json.dumps([int((datetime.fromtimestamp((start + i) * 60, zone).replace(tzinfo=None) - epoch).total_seconds() // 60)
        for i in range(job["count"])]))
`

test("a scan of every minute with Python's zone data opens and closes at the same minutes", (t) => {
  const jobs = [
    { zone: 'America/New_York', day: '2026-03-08' },
    { zone: 'America/New_York', day: '2026-11-01' },
    { zone: 'Europe/Berlin', day: '2026-10-25' },
    { zone: 'Australia/Lord_Howe', day: '2026-04-05' },
    { zone: 'Australia/Lord_Howe', day: '2026-10-04' },
    { zone: 'Pacific/Apia', day: '2011-12-30' },
    { zone: 'Asia/Kolkata', day: '2026-11-22' },
  ].map(({ zone, day }) => ({ zone, start: Date.parse(day) / MINUTE - 4320, count: 8640 }))
  let output: string
  try {
    output = execFileSync('python3', ['-c', PYTHON], {
      input: JSON.stringify(jobs),
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
  } catch {
    t.skip('needs python3 with zoneinfo')
    return
  }
  const lines = output.trim().split('\n')
  for (const [index, job] of jobs.entries()) {
    const walls = JSON.parse(lines[index] ?? '') as number[]
    const windows = [
      { start: 120, end: 300, days: [0, 1, 2, 3, 4, 5, 6] },
      { start: 90, end: 110, days: [0, 5] },
      { start: 130, end: 150, days: [0, 3, 5, 6] },
      { start: 1320, end: 130, days: [6, 4] },
      { start: 60, end: 60, days: [0, 5] },
      { start: 0, end: 60, days: [0, 1, 6] },
    ]
    for (const spec of windows) {
      const window = { kind: 'hours', zone: job.zone, ...spec } as const
      const expected = openMinutes(window, walls)
      // The first and last day and a half may belong to windows that begin or end outside the scan.
      for (let i = 2200; i < job.count - 2200; i += 10)
        assert.equal(
          isOpen(window, new Date((job.start + i) * MINUTE)),
          expected[i],
          `${job.zone} ${JSON.stringify(spec)} ${new Date((job.start + i) * MINUTE).toISOString()}`,
        )
    }
  }
})
