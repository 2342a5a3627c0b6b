import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CATALOGUE } from '#base/errors.ts'
import type { ConsoleEvent } from '#contract/console.ts'
import { buildBatch, buildStation } from '../testing/fixtures.ts'
import { linesOf } from './log.ts'

const at = new Date('2026-11-22T08:00:00Z')
const station = buildStation()
const progress = (seq: number, state: 'writing' | 'reading-back'): ConsoleEvent => ({
  seq,
  type: 'progress',
  job: 'job-token-3',
  patch: {
    stage: state === 'writing' ? 'write' : 'read-back',
    state,
    doneBytes: seq,
    totalBytes: 100,
    remaining: 1,
    rate: null,
  },
})

test('progress without a change of state or stage leaves no line', () => {
  assert.deepEqual(linesOf(station, [progress(1, 'writing'), progress(2, 'writing')], at), [])
})

test('a change is told once, also within one bundle of events', () => {
  const lines = linesOf(station, [progress(1, 'reading-back'), progress(2, 'reading-back')], at)
  assert.deepEqual(
    lines.map(({ type }) => type),
    ['stage', 'state'],
  )
})

test('a failure is told with the code that the table of errors explains', () => {
  const batch = buildBatch()
  const before = buildStation({ batches: [{ ...batch, jobs: batch.jobs.map((job) => ({ ...job, diagnosis: null })) }] })
  const [line] = linesOf(before, [{ seq: 1, type: 'batch', batch }], at)
  assert.ok(line.type === 'problem' && line.code === 'disk.lost' && line.code in CATALOGUE && line.unit === '77C2D8')
})

test('units that come and go are counted', () => {
  const bench = { ...station.bench, units: [] }
  assert.deepEqual(linesOf(station, [{ seq: 1, type: 'bench', bench }], at), [{ at, type: 'bench', count: 0 }])
  assert.deepEqual(linesOf(station, [{ seq: 1, type: 'bench', bench: station.bench }], at), [])
})

test('before the first snapshot there is nothing to tell', () => {
  assert.deepEqual(linesOf(null, [progress(1, 'reading-back')], at), [])
})
