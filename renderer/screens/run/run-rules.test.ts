import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch, buildJob } from '#renderer/testing/fixtures.ts'
import { batchToShow, bytesOfBatch, countsOf, jobToShow, meanRate, remainingOfBatch, wordOfStep } from './run-rules.ts'

const ended = '2026-11-22T08:00:00Z'

test('units are counted by how they ended, and stopped is not failed; what runs or waits is to go', () => {
  assert.deepEqual(countsOf(buildBatch()), { verified: 1, failed: 1, stopped: 0, left: 3 })
  assert.deepEqual(countsOf({ jobs: [buildJob({ state: 'stopped', endedAt: ended })] }), {
    verified: 0,
    failed: 0,
    stopped: 1,
    left: 0,
  })
})

test('a step that a job did not come to waits only as long as the job runs', () => {
  assert.equal(wordOfStep({ endedAt: null }, { state: 'waiting' }), 'waiting')
  assert.equal(wordOfStep({ endedAt: ended }, { state: 'waiting' }), 'not-begun')
  assert.equal(wordOfStep({ endedAt: ended }, { state: 'done' }), 'done')
})

test('a unit that ended early does not keep the batch from its end', () => {
  const jobs = [
    buildJob({ doneBytes: 10, totalBytes: 100, endedAt: ended }),
    buildJob({ doneBytes: 50, totalBytes: 100 }),
  ]
  assert.deepEqual(bytesOfBatch({ jobs }), { done: 150, total: 200 })
})

test('the remaining time of a batch follows from what is left and the rates of now', () => {
  const jobs = [
    buildJob({ doneBytes: 0, totalBytes: 100, curve: [3, 5] }),
    buildJob({ doneBytes: 0, totalBytes: 100, curve: [15] }),
    buildJob({ doneBytes: 0, totalBytes: 100, curve: [] }),
  ]
  assert.equal(remainingOfBatch({ jobs }), 15)
  assert.equal(remainingOfBatch({ jobs: [buildJob({ curve: [] })] }), null)
})

test('the batch that was asked for is shown, else the one that runs, else the newest', () => {
  const [first, second, third] = ['one', 'two', 'three'].map((batch) => buildBatch({ batch, state: 'done' }))
  const running = { ...second, state: 'running' as const }
  assert.equal(batchToShow([first, running, third], 'one')?.batch, 'one')
  assert.equal(batchToShow([first, running, third], null)?.batch, 'two')
  assert.equal(batchToShow([first, second, third], 'gone')?.batch, 'three')
  assert.equal(batchToShow([], null), null)
})

test('the unit that needs a person is looked at first, unless another one was chosen', () => {
  const jobs = [
    buildJob({ job: 'waiting', startedAt: null }),
    buildJob({ job: 'running' }),
    buildJob({ job: 'needs', state: 'needs-you', endedAt: ended }),
  ]
  assert.equal(jobToShow(jobs, null)?.job, 'needs')
  assert.equal(jobToShow(jobs, 'waiting')?.job, 'waiting')
  assert.equal(jobToShow(jobs.slice(0, 2), null)?.job, 'running')
  assert.equal(jobToShow([], 'x'), null)
})

test('a job that has ended shows what it moved on average, never the last second, in which nothing moves', () => {
  const times = { startedAt: '2026-11-22T08:00:00Z', endedAt: '2026-11-22T08:00:10Z' }
  assert.equal(meanRate(buildJob({ ...times, doneBytes: 1e9, curve: [9e7, 0] })), 1e8)
  assert.equal(meanRate(buildJob({ ...times, doneBytes: 0 })), 0)
  assert.equal(meanRate(buildJob({ ...times, endedAt: times.startedAt, doneBytes: 5 })), 0)
  assert.equal(meanRate(buildJob({ ...times, endedAt: null })), null)
})
