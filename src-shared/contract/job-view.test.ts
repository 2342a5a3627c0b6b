import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StepText } from '#model/plan-text.ts'
import { buildJob } from '#renderer/testing/fixtures.ts'
import { jobEvent, type WireJobEvent } from './job-events.ts'
import { beginJob, type JobSays, reduceJob } from './job-view.ts'

const START = Date.parse('2026-11-22T08:00:00Z')
const MB = 1_000_000

function replay(totalBytes: number, says: readonly JobSays[]) {
  const blank = { doneBytes: 0, totalBytes, limit: null, curve: [], remaining: null }
  let state = beginJob(buildJob(blank))
  return says.map((said, index) => {
    state = reduceJob(state, said, new Date(START + index * 1000))
    return state.view
  })
}
const progress = (
  phase: 'write' | 'flush' | 'read-back',
  doneBytes: number,
  limit?: 'image' | 'computer' | 'disk',
): WireJobEvent => ({ type: 'progress', step: 1, phase, doneBytes, totalBytes: 100 * MB, ...(limit && { limit }) })

test('what holds a job up is shown as it was said last, and nothing once the step or the job has ended', () => {
  const views = replay(200 * MB, [
    { type: 'started' },
    progress('write', 10 * MB),
    progress('write', 20 * MB, 'disk'),
    progress('write', 30 * MB, 'image'),
    progress('read-back', 5 * MB),
    progress('read-back', 9 * MB, 'computer'),
    { type: 'step-done', step: 1, evidence: {} },
    progress('read-back', 10 * MB, 'disk'),
    { type: 'finished', report: null },
  ])
  assert.deepEqual(
    views.map(({ limit }) => limit),
    [null, null, 'disk', 'image', null, 'computer', null, 'disk', null],
  )
})

test('a limit that nobody knows does not come over the wire', () => {
  assert.equal(jobEvent.safeParse(progress('write', 1, 'disk')).success, true)
  assert.equal(jobEvent.safeParse({ ...progress('write', 1), limit: 'weather' }).success, false)
})

test('writing and reading back add up to the whole, which is reached only when the job has ended', () => {
  const views = replay(200 * MB, [
    { type: 'started' },
    progress('write', 100 * MB),
    progress('flush', 100 * MB),
    progress('read-back', 50 * MB),
    progress('read-back', 100 * MB),
    { type: 'finished', report: null },
  ])
  assert.deepEqual(
    views.map(({ doneBytes }) => doneBytes),
    [0, 100 * MB, 100 * MB, 150 * MB, 200 * MB - 1, 200 * MB],
  )
})

test('what file systems, boot files and marks write is not part of the whole', () => {
  const steps = (['write-slot', 'make-filesystem', 'make-esp', 'check-disk'] as const).map((kind) => ({
    text: { kind, slot: 'A', size: 100 * MB, number: 4, name: 'DATA', filesystem: 'ext4', files: 0 } as StepText,
    state: 'waiting' as const,
  }))
  let state = beginJob(buildJob({ steps, doneBytes: 0, totalBytes: 300 * MB, curve: [], remaining: null }))
  const done: number[] = []
  for (const [step, phase, doneBytes] of [
    [1, 'write', 100 * MB],
    [1, 'read-back', 100 * MB],
    [2, 'write', 900 * MB],
    [2, 'read-back', 900 * MB],
    [3, 'write', 500 * MB],
    [4, 'read-back', 50 * MB],
    [4, 'read-back', 90 * MB],
  ] as const) {
    state = reduceJob(state, { type: 'progress', step, phase, doneBytes, totalBytes: 1000 * MB }, new Date(START))
    done.push(state.view.doneBytes / MB)
    if (phase === 'read-back' && step < 4)
      state = reduceJob(state, { type: 'step-done', step, evidence: {} }, new Date(START))
  }
  assert.deepEqual(done, [100, 200, 200, 200, 200, 200, 200])
})
