import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConsoleNews } from '#contract/console.ts'
import { openChecks } from './checks.ts'

const never = new AbortController().signal
const TOTAL = 4_000_000_000
const CHUNK = 4 * 1024 * 1024

function open() {
  const told: ConsoleNews[] = []
  const closing = new AbortController()
  let now = 0
  const checks = openChecks({ tell: (news) => told.push(news), signal: closing.signal }, () => now)
  const seen = () => told.map((news) => (news.type === 'checks' ? news.checks.map(({ doneBytes }) => doneBytes) : []))
  return { checks, told, closing, seen, pass: (ms: number) => (now += ms) }
}

test('gigabytes are told in at most five messages a second, the beginning and the end at once', async () => {
  const it = open()
  // 500 MB/s: one chunk in about 8 ms, 8 s in all.
  await it.checks.run('unit-1', TOTAL, never, async ({ progress }) => {
    for (let done = CHUNK; done <= TOTAL; done += CHUNK) {
      it.pass(8)
      progress(done, TOTAL)
    }
  })
  const seen = it.seen()
  assert.deepEqual([seen[0], seen.at(-1)], [[0], []])
  assert.ok(seen.length > 20 && seen.length <= 5 * 8 + 2, `${seen.length} messages in 8 s`)
  assert.ok(seen.flat().every((done, index, all) => index === 0 || done > all[index - 1]))
  assert.deepEqual(it.checks.views(), [])
})

test('any window can stop it: the signal fires, the call fails with job.cancelled, others go on', async () => {
  const it = open()
  const other = Promise.withResolvers<void>()
  const signals: AbortSignal[] = []
  const stays = it.checks.run('image-1', 9, never, () => other.promise)
  const stopped = it.checks.run('unit-1', 9, never, async ({ signal }) => {
    signals.push(signal)
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('the pipe broke'))))
  })
  assert.deepEqual(
    it.checks.views().map(({ about }) => about),
    ['image-1', 'unit-1'],
  )
  assert.deepEqual(await it.checks.calls['check.stop']({ about: 'unit-1' }, never), {})
  await assert.rejects(stopped, { code: 'job.cancelled' })
  assert.equal(signals[0].aborted, true)
  assert.deepEqual(
    it.checks.views().map(({ about }) => about),
    ['image-1'],
  )
  other.resolve()
  await stays
  // It has ended by itself: there is nothing to stop, and nothing wrong with that.
  assert.deepEqual(await it.checks.calls['check.stop']({ about: 'image-1' }, never), {})
})

test('a window that is gone, and a console that closes, stop what was read for them', async () => {
  for (const how of ['window', 'console'] as const) {
    const it = open()
    const window = new AbortController()
    const running = it.checks.run('unit-1', 9, window.signal, async ({ signal }) => {
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    if (how === 'window') window.abort()
    else it.closing.abort()
    await assert.rejects(running, { code: 'job.cancelled' }, how)
    await assert.rejects(
      it.checks.run('unit-1', 9, AbortSignal.abort(), async () => assert.fail('it was read')),
      { code: 'job.cancelled' },
    )
  }
})

test('the same unit is not read twice at once', async () => {
  const it = open()
  const first = Promise.withResolvers<void>()
  const running = it.checks.run('unit-1', 9, never, async ({ progress }) => {
    progress(4, 9)
    await first.promise
  })
  await assert.rejects(
    it.checks.run('unit-1', 9, never, async () => {}),
    { code: 'host.check-running', message: /4 of 9 bytes/ },
  )
  first.resolve()
  await running
  await it.checks.run('unit-1', 9, never, async () => {})
})

test('what goes wrong with the reading itself is told as it is', async () => {
  const it = open()
  await assert.rejects(
    it.checks.run('unit-1', 9, never, async () => {
      throw new Error('the disk is gone')
    }),
    { message: 'the disk is gone' },
  )
  assert.deepEqual(it.checks.views(), [])
})
