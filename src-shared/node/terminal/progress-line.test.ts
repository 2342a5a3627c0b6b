import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bar, formatRemaining, ProgressLine, rateOf } from './progress-line.ts'
import { makeStyle } from './terminal-style.ts'

const MB = 1_000_000
const progress = (doneBytes: number, phase: 'write' | 'read-back' = 'write') =>
  ({ type: 'progress', step: 1, phase, doneBytes, totalBytes: 100 * MB }) as const

function recorder(isTTY: boolean) {
  const written: string[] = []
  const stream = { isTTY, write: (text: string) => written.push(text) }
  return { written, line: new ProgressLine(stream, makeStyle(false)) }
}

test('rate and remaining time come from the events, after one second of measuring', () => {
  assert.equal(rateOf([{ at: 0, bytes: 0 }]), null)
  assert.equal(
    rateOf([
      { at: 0, bytes: 0 },
      { at: 900, bytes: 5 },
    ]),
    null,
  )
  assert.equal(
    rateOf([
      { at: 0, bytes: 0 },
      { at: 2000, bytes: 10 },
    ]),
    5,
  )
  assert.equal(formatRemaining(130), 'about 2 min')
  assert.equal(formatRemaining(41), 'about 45 s')
  assert.equal(formatRemaining(3), 'a few seconds')
})

test('a terminal sees at most ten redraws a second, and always the last one', () => {
  const { written, line } = recorder(true)
  line.show({ type: 'step-started', step: 1, total: 2, title: 'Write slot A' }, 0)
  for (let ms = 0; ms <= 1000; ms += 10) line.show(progress((ms / 1000) * 100 * MB), 10_000 + ms)
  const draws = written.filter((text) => text.includes('Writing'))
  assert.ok(draws.length <= 12, `${draws.length} redraws`)
  assert.match(draws.at(-1) ?? '', /100 %/)
})

test('the rate is measured anew when the phase changes', () => {
  const { written, line } = recorder(true)
  line.show({ type: 'step-started', step: 1, total: 1, title: 'Write slot A' }, 0)
  for (let at = 0; at <= 3000; at += 500) line.show(progress(at * 10_000), at)
  assert.match(written.at(-1) ?? '', /10\.0 MB\/s/)
  line.show(progress(0, 'read-back'), 3600)
  assert.match(written.at(-1) ?? '', /Reading back.*measuring/)
})

test('what is not a terminal gets one line per finished step and no control characters', () => {
  const { written, line } = recorder(false)
  line.show({ type: 'step-started', step: 1, total: 2, title: 'Write slot A' }, 0)
  line.show(progress(50 * MB), 500)
  line.show({ type: 'step-done', step: 1, evidence: {} }, 900)
  assert.deepEqual(written, ['✓ 1/2 Write slot A\n'])
})

test('the bar never leaves its width', () => {
  for (const fraction of [-1, 0, 0.5, 1, 2]) assert.equal([...bar(fraction)].length, 24)
})
