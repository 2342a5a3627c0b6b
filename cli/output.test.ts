import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError, finding } from '#base/errors.ts'
import { makeOutput, NOTHING_WRITTEN, Refused } from './output.ts'

function record(json: boolean, isTTY = false) {
  const out: string[] = []
  const err: string[] = []
  const output = makeOutput(json, {
    stdout: { isTTY, write: (text) => out.push(text) },
    stderr: { isTTY, write: (text) => err.push(text) },
    env: {},
    now: () => new Date('2026-01-02T03:04:05Z'),
  })
  return { out, err, output }
}

test('JSON mode prints one object per line, events numbered and dated, the result last', () => {
  const { out, output } = record(true)
  output.line('for people')
  output.event({ type: 'step-started', step: 1, total: 2, title: 'x' })
  output.event({ type: 'step-done', step: 1, evidence: {} })
  output.result({ disk: 'a' })
  const rows = out.map((row) => JSON.parse(row))
  assert.deepEqual(
    rows.map((row) => [row.type, row.seq, row.at]),
    [
      ['step-started', 0, '2026-01-02T03:04:05.000Z'],
      ['step-done', 1, '2026-01-02T03:04:05.000Z'],
      ['result', undefined, undefined],
    ],
  )
  assert.deepEqual(rows.at(-1), { type: 'result', ok: true, code: 'done', disk: 'a' })
})

test('a failure says first whether anything was written, then message, remedy and code', () => {
  const { err, output } = record(false)
  const error = new EngineError('plan.changed', { expected: 'aaa', found: 'bbb' })
  assert.equal(output.failure(error, NOTHING_WRITTEN), 3)
  const text = err.join('')
  assert.ok(text.startsWith('Nothing was written.\n'), text)
  assert.match(text, /aaa.*bbb/)
  assert.match(text, /code plan\.changed/)
})

test("refusals carry every reason; the exit code is the first one's", () => {
  const { out, output } = record(true)
  const exit = output.failure(
    new Refused([finding('job.cancelled'), finding('plan.no-boot-files', { release: 'r' })]),
    NOTHING_WRITTEN,
  )
  const row = JSON.parse(out[0])
  assert.equal(exit, 6)
  assert.equal(row.ok, false)
  assert.equal(row.exit, 6)
  assert.equal(row.written, false)
  assert.deepEqual(
    row.findings.map((each: { code: string }) => each.code),
    ['job.cancelled', 'plan.no-boot-files'],
  )
})

test('an unexpected exception is cli.bug with exit code 1, never a bare stack trace', () => {
  const { err, output } = record(false)
  assert.equal(output.failure(new TypeError('x is undefined'), NOTHING_WRITTEN), 1)
  assert.match(err.join(''), /^Nothing was written\.\n.*Twinslot itself went wrong: x is undefined/)
  assert.match(err.join(''), /cli\.bug/)
})

test('colours appear on a terminal only', () => {
  const failed = new EngineError('job.cancelled')
  const plain = record(false)
  plain.output.failure(failed, NOTHING_WRITTEN)
  assert.ok(!plain.err.join('').includes('\u001b['))
  const coloured = record(false, true)
  coloured.output.failure(failed, NOTHING_WRITTEN)
  assert.ok(coloured.err.join('').includes('\u001b['))
})

const OURS = new RegExp(
  ['\\[(?:1|2|31|32|36|0)m', '\\[2K'].map((end) => `\r?${String.fromCharCode(27)}${end}`).join('|'),
  'g',
)

test('no text of others steers the terminal: not in a line, a result, a failure, an event or a log, with or without colours', () => {
  const evil = 'name\u001b[2J\u202e\u009b1m\nNothing was written.\r\ud800'
  for (const isTTY of [false, true])
    for (const json of [false, true]) {
      const { out, err, output } = record(json, isTTY)
      output.line(`file ${evil}`)
      output.line(output.style.bold('ours'))
      output.event({ type: 'step-started', step: 1, total: 1, title: evil })
      output.result({ name: evil }, [evil])
      output.failure(new EngineError('cli.file-unreadable', { file: evil, reason: evil }), NOTHING_WRITTEN)
      output.failure(new Error(evil), NOTHING_WRITTEN)
      output.failure(new Refused([finding('cli.file-unreadable', { file: evil, reason: evil })]), {
        ...NOTHING_WRITTEN,
        sentence: evil,
      })
      const text = [...out, ...err].join('')
      // Without our own colours and "clear this line" nothing is left that is no letter.
      const left = text.replace(OURS, isTTY ? '' : '$&')
      assert.doesNotMatch(left.replaceAll('\n', ''), /[\p{C}\p{Zl}\p{Zp}]/u, JSON.stringify(left))
      if (json) for (const row of out) assert.equal(JSON.stringify(JSON.parse(row)).includes('�'), false)
      assert.equal(
        out.filter((row) => /^Nothing was written\./m.test(row)).length,
        0,
        'no line of theirs looks like ours',
      )
    }
})

test('an error while letting go of something never hides what went wrong first', async () => {
  const cause = new EngineError('plan.changed', { expected: 'aaa', found: 'bbb' })
  const fail = async () => {
    await using _disk = { [Symbol.asyncDispose]: () => Promise.reject(new Error('closing failed')) }
    await using _release = { [Symbol.asyncDispose]: () => Promise.reject(new Error('closing failed, too')) }
    throw cause
  }
  const thrown = await fail().catch((error: unknown) => error)
  assert.ok(thrown instanceof SuppressedError)
  const { err, output } = record(false)
  assert.equal(output.failure(thrown, NOTHING_WRITTEN), 3)
  assert.match(err.join(''), /code plan\.changed/)
})
