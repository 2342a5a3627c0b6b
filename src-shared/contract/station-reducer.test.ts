import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch, buildManyUnits, buildStation, buildUnit } from '#renderer/testing/fixtures.ts'
import fc from '#testing/property.ts'
import type { ConsoleEvent, ConsoleNews } from './console.ts'
import {
  CURVE_LENGTH,
  type KnownStation,
  markStale,
  NOTHING_KNOWN,
  takeEvent,
  takeSnapshot,
} from './station-reducer.ts'
import type { StationView } from './views.ts'

const start = (): StationView => buildStation({ seq: 5 })
const known = (): KnownStation => takeSnapshot(NOTHING_KNOWN, start())
const event = (seq: number, news: ConsoleNews): ConsoleEvent => ({ ...news, seq })
const job = (state: KnownStation, token: string) =>
  state.station?.batches.flatMap(({ jobs }) => jobs).find((one) => one.job === token)
const progress = (doneBytes: number, rate: number | null = null): ConsoleNews => ({
  type: 'progress',
  job: 'job-token-3',
  patch: { stage: 'write', state: 'writing', doneBytes, totalBytes: 3_400_000_000, remaining: 9, limit: null, rate },
})

test('an event that follows the snapshot is applied, one that is in it already is not', () => {
  assert.equal(job(takeEvent(known(), event(6, progress(77))), 'job-token-3')?.doneBytes, 77)
  const old = takeEvent(known(), event(5, progress(77)))
  assert.notEqual(job(old, 'job-token-3')?.doneBytes, 77)
  assert.equal(old.stale, false)
})

test('after a gap nothing is applied until a new snapshot is there, then what waited is', () => {
  const gap = takeEvent(known(), event(8, progress(88)))
  assert.equal(gap.stale, true)
  assert.equal(gap.station?.seq, 5)
  const later = takeEvent(gap, event(9, progress(99)))
  assert.notEqual(job(later, 'job-token-3')?.doneBytes, 99)
  const healed = takeSnapshot(later, buildStation({ seq: 8 }))
  assert.deepEqual([healed.stale, healed.station?.seq, job(healed, 'job-token-3')?.doneBytes], [false, 9, 99])
})

test('events that come before the first snapshot are kept for it', () => {
  const waiting = takeEvent(NOTHING_KNOWN, event(6, progress(66)))
  assert.equal(waiting.station, null)
  assert.equal(job(takeSnapshot(waiting, start()), 'job-token-3')?.doneBytes, 66)
})

test('a snapshot that is older than what waited with a hole is stale at once', () => {
  const waiting = takeEvent(NOTHING_KNOWN, event(9, progress(66)))
  assert.equal(takeSnapshot(waiting, start()).stale, true)
})

test('a lost line keeps what is shown and forgets what waited', () => {
  const lost = markStale(takeEvent(known(), event(9, progress(1))))
  assert.deepEqual([lost.stale, lost.waiting, lost.station?.seq], [true, [], 5])
})

test('progress changes its own job only: all other objects stay the same, so that no other row is drawn', () => {
  const before = known()
  const after = takeEvent(before, event(6, progress(77, 5e6)))
  const [a, b] = [before.station?.batches[0].jobs ?? [], after.station?.batches[0].jobs ?? []]
  assert.deepEqual(
    a.map((one, index) => one === b[index]),
    a.map(({ job: token }) => token !== 'job-token-3'),
  )
  assert.equal(after.station?.bench, before.station?.bench)
})

test('the curve takes one value a second and forgets the oldest', () => {
  let state = known()
  for (let i = 0; i < 200; i += 1) state = takeEvent(state, event(6 + i, progress(i, i % 2 === 0 ? i : null)))
  const curve = job(state, 'job-token-3')?.curve ?? []
  assert.equal(curve.length, CURVE_LENGTH)
  assert.equal(curve.at(-1), 198)
})

test('a unit is replaced by its key, also when its token is new, and added when it is unknown', () => {
  const [first] = start().bench.units
  const replaced = takeEvent(known(), event(6, { type: 'unit', unit: { ...first, token: 'another-token' } }))
  assert.equal(replaced.station?.bench.units.length, start().bench.units.length)
  assert.equal(replaced.station?.bench.units[0].token, 'another-token')
  const added = takeEvent(known(), event(6, { type: 'unit', unit: buildUnit({ serial: 'NEW' }) }))
  assert.equal(added.station?.bench.units.at(-1)?.serial, 'NEW')
})

test('each kind of news replaces its own part', () => {
  const news: readonly (readonly [ConsoleNews, (station: StationView) => unknown, unknown])[] = [
    [{ type: 'bench', bench: { units: [], hidden: [], problem: null } }, (s) => s.bench.units, []],
    [{ type: 'images', images: [] }, (s) => s.images, []],
    [{ type: 'keys', keys: [] }, (s) => s.keys, []],
    [{ type: 'reports', reports: [] }, (s) => s.reports, []],
    [{ type: 'batch', batch: buildBatch({ state: 'paused' }) }, (s) => s.batches[0].state, 'paused'],
    [
      { type: 'batch', batch: buildBatch({ batch: 'second' }) },
      (s) => s.batches.map(({ batch }) => batch),
      ['batch-token-1', 'second'],
    ],
    [
      { type: 'checks', checks: [{ about: 'image-token-1', doneBytes: 4, totalBytes: 9 }] },
      (s) => s.checks.map(({ doneBytes }) => doneBytes),
      [4],
    ],
    [{ type: 'checks', checks: [] }, (s) => s.checks, []],
    [{ type: 'settings', settings: { ...start().settings, theme: 'dark' } }, (s) => s.settings.theme, 'dark'],
  ]
  for (const [one, read, expected] of news) {
    const { station } = takeEvent(known(), event(6, one))
    assert.deepEqual(station && read(station), expected, one.type)
  }
})

test('whatever order and loss events suffer, a window that asks anew ends with what the host knows', () => {
  const host = (n: number): StationView => ({
    ...start(),
    seq: 5 + n,
    bench: { ...start().bench, units: buildManyUnits(n) },
  })
  const events = Array.from({ length: 12 }, (_, i) => event(6 + i, { type: 'bench', bench: host(i + 1).bench }))
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 30 }),
      fc.integer({ min: 0, max: 12 }),
      (order, at) => {
        let state = order.reduce((before, index) => takeEvent(before, events[index]), known())
        state = takeSnapshot(state, host(at))
        for (const one of events.slice(at)) state = takeEvent(state, one)
        if (state.stale) state = takeSnapshot(state, host(12))
        assert.equal(state.stale, false)
        assert.equal(state.station?.bench.units.length, 12)
      },
    ),
    { numRuns: 200 },
  )
})
