// The catalogue keeps its promises: codes are `area.reason`, holes are words. That every code is produced is recorded while all
// tests run (build/record-codes.ts) and judged at the end of `npm test`.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { EXIT, fillTemplate } from './errors/define.ts'
import {
  CATALOGUE,
  EngineError,
  type ErrorCode,
  exitCodeOf,
  explain,
  finding,
  isEngineError,
  specOf,
  throwIfAborted,
} from './errors.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')
const CODES = Object.keys(CATALOGUE) as ErrorCode[]
const SOURCES = '{src-shared,cli,device,server,host,electron,build,bench,e2e}/**/*.ts'

test('every code reads area.reason', () => {
  assert.deepEqual(
    CODES.filter((code) => !/^[a-z][a-z0-9]*\.[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(code)),
    [],
  )
})

test('no code is written down in two areas', () => {
  const declared = globSync('src-shared/base/errors/*.ts', { cwd: ROOT }).flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^ {2}'([a-z0-9-]+\.[a-z0-9-]+)':/gm)].map(
      (match) => match[1]!,
    ),
  )
  assert.deepEqual(declared.sort(), CODES.toSorted())
})

test('holes are words, and message and remedy are whole sentences', () => {
  for (const code of CODES) {
    const { message, remedy } = specOf(code)
    for (const text of [message, remedy]) {
      const rest = text.replace(/\{[a-z][A-Za-z0-9]*(\|bytes)?\}/g, '')
      assert.doesNotMatch(rest, /[{}]/, `${code}: a hole is not a word: ${text}`)
    }
    assert.match(message, /^[A-Z{"'].*[.?!}]$/s, `${code}: not a sentence: ${message}`)
    // A remedy may end with a command line that is meant to be copied.
    assert.match(remedy, /^[A-Z{"'].*\S$/s, `${code}: not a sentence: ${remedy}`)
    assert.ok(Object.hasOwn(EXIT, specOf(code).kind), code)
    assert.ok(['never', 'fix', 'again'].includes(specOf(code).retry), code)
  }
})

test('every code is used by the product', () => {
  const product = globSync(SOURCES, { cwd: ROOT })
    .filter((file) => !/\.test\.ts$|^src-shared\/(testing|base\/errors)\/|^(e2e|bench)\//.test(file))
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n')
  assert.deepEqual(
    CODES.filter((code) => !product.includes(`'${code}'`)),
    [],
  )
})

test('a hole without a detail stays visible; a number of bytes is printed for people', () => {
  assert.equal(fillTemplate('{a} and {b}', { a: 1 }), '1 and {b}')
  assert.doesNotMatch(fillTemplate('{size|bytes}', { size: 16_000_000_000 }), /16000000000/)
})

test('an EngineError carries code, details, sentence and cause', () => {
  const cause = new Error('EIO')
  const details = { disk: '/dev/sdz', operation: 'write', offset: 4096, reason: 'an input/output error' }
  const error = new EngineError('disk.lost', details, { cause })
  assert.equal(error.message, explain(finding('disk.lost', details)).message)
  assert.equal(error.cause, cause)
  assert.doesNotMatch(error.message, /[{}]/)
  assert.ok(isEngineError(error) && isEngineError(error, 'disk.lost') && !isEngineError(error, 'job.cancelled'))
  assert.ok(!isEngineError(cause))
  assert.equal(exitCodeOf('disk.lost'), 7)
})

test('an aborted signal throws its own reason, or job.cancelled', () => {
  const controller = new AbortController()
  throwIfAborted(undefined)
  throwIfAborted(controller.signal)
  controller.abort()
  assert.throws(() => throwIfAborted(controller.signal), { code: 'job.cancelled' })
  const lost = new EngineError('disk.lost')
  assert.throws(() => throwIfAborted(AbortSignal.abort(lost)), { code: 'disk.lost' })
})
