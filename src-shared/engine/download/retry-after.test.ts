// How long a server wants to be left alone, and that nobody waits longer than the bound.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError, throwIfAborted } from '#base/errors.ts'
import fc from '#testing/property.ts'
import { judgeAnswer, NOTHING_KNOWN } from './answer.ts'
import { countAttempts } from './attempts.ts'
import { askedWaitMs, LONGEST_WAIT_DOWNLOAD_MS, retryAfterOf } from './retry-after.ts'

const date = 'Sun, 22 Nov 2026 04:00:00 GMT'
const asked = (text: string | null, status = 503, more: Record<string, string> = { date }) =>
  retryAfterOf({ status, headers: { ...(text !== null && { 'retry-after': text }), ...more } })

test('seconds, and a date compared with the date of the answer, whatever the clock of this machine says', () => {
  assert.deepEqual([asked('120'), asked('0', 429), asked(' 7 ')], [120, 0, 7])
  assert.equal(asked('Sun, 22 Nov 2026 04:10:00 GMT'), 600)
  assert.equal(asked('Sun, 22 Nov 2026 03:00:00 GMT'), 0)
  assert.equal(asked('999999999'), 366 * 24 * 3600)
})

test('what cannot be read, or belongs to another status, asks for nothing', () => {
  for (const text of [null, '', 'soon', '-5', '1.5', '1e3', '2026-11-22T04:10:00Z', '1234567890'])
    assert.equal(asked(text), null, String(text))
  assert.equal(asked('Sun, 22 Nov 2026 04:10:00 GMT', 503, {}), null)
  for (const status of [200, 301, 404, 500, 502]) assert.equal(asked('120', status), null)
})

/** The pauses of a download whose server answers like this each time. */
async function pauses(retryAfter: string, times = 3): Promise<number[]> {
  const slept: number[] = []
  const pace = { now: () => 0, sleep: async (milliseconds: number) => void slept.push(milliseconds) }
  const attempts = countAttempts('x', { attempts: 9, pauseMs: 1000, longestMs: 60_000 }, pace, undefined)
  for (let count = 0; count < times; count++)
    try {
      const question = { url: 'x', from: 0, to: null, ranged: false, known: NOTHING_KNOWN }
      judgeAnswer(question, { status: 429, headers: { 'retry-after': retryAfter, date } })
    } catch (error) {
      assert.ok(error instanceof EngineError)
      await attempts.failed(error, 0)
    }
  return slept
}

test('a download pauses as long as the server asks, never shorter than by itself and never longer than the bound', async () => {
  assert.deepEqual(await pauses('20'), [20_000, 20_000, 20_000])
  assert.deepEqual(await pauses('2'), [2000, 2000, 4000])
  assert.deepEqual(await pauses('soon'), [1000, 2000, 4000])
  assert.deepEqual(await pauses('86400', 1), [LONGEST_WAIT_DOWNLOAD_MS])
  assert.deepEqual(await pauses('Sun, 22 Nov 2026 04:00:30 GMT', 1), [30_000])
})

test('a pause that the server asked for ends when the job is cancelled', async () => {
  const stop = new AbortController()
  const pace = { now: () => 0, sleep: async () => stop.abort() }
  const attempts = countAttempts('x', { attempts: 9, pauseMs: 1, longestMs: 1 }, pace, stop.signal)
  const error = new EngineError('download.status', { url: 'x', found: 503, expected: '200', retryAfter: 100 })
  await assert.rejects(attempts.failed(error, 0), { code: 'job.cancelled' })
  assert.throws(() => throwIfAborted(stop.signal), { code: 'job.cancelled' })
})

test('property: whatever the header says, the wait is finite and within the bound', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.integer().map(String), fc.date().map(String)), fc.nat(), (text, bound) => {
      const retryAfter = asked(text)
      const wait = askedWaitMs({ details: retryAfter === null ? {} : { retryAfter } }, bound)
      assert.ok(wait >= 0 && wait <= bound, `${text}: ${wait}`)
    }),
  )
})
