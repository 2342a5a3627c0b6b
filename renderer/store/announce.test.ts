import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BatchView, UnitJobView } from '#contract/views.ts'
import { buildBatch, buildJob } from '../testing/fixtures.ts'
import { type Announcement, announcements } from './announce.ts'

const batch = (job: Partial<UnitJobView>, state: BatchView['state'] = 'running'): readonly BatchView[] => [
  buildBatch({ state, jobs: [buildJob({ totalBytes: 1000, ...job })] }),
]
const short = (news: readonly Announcement[]): string[] =>
  news.map((one) => `${one.tone} ${one.type === 'progress' ? one.percent : one.type}`)

test('progress is told at each quarter only, however many events come', () => {
  const told: string[] = []
  for (let done = 1; done <= 1000; done += 1)
    told.push(...short(announcements(batch({ doneBytes: done - 1 }), batch({ doneBytes: done }))))
  assert.deepEqual(told, ['polite 25', 'polite 50', 'polite 75', 'polite 100'])
})

test('a change of state is told politely, a failure at once and once', () => {
  assert.deepEqual(short(announcements(batch({}), batch({ state: 'verified' }))), ['polite state'])
  const failed = batch({ state: 'failed' })
  assert.deepEqual(short(announcements(batch({}), failed)), ['assertive failed'])
  assert.deepEqual(short(announcements(failed, batch({ state: 'failed', doneBytes: 0 }))), [])
})

test('a batch that asks calls for a person', () => {
  assert.deepEqual(short(announcements(batch({}), batch({}, 'asks')))[0], 'assertive asks')
  assert.deepEqual(
    short(announcements(batch({}, 'asks'), batch({ doneBytes: 0 }, 'asks'))).includes('assertive asks'),
    false,
  )
})

test('nothing is told when nothing changed', () => {
  const same = batch({})
  assert.deepEqual(announcements(same, same), [])
})
