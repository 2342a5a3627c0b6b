import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import fc from '#testing/property.ts'
import { type Asked, ifRangeOf, judgeAnswer, type Known, mayPass, parseContentRange, rangeHeaders } from './answer.ts'

const KNOWN: Known = { validator: { etag: '"v1"', lastModified: null }, total: 1000 }
const asked = (change: Partial<Asked> = {}): Asked => ({
  url: 'http://x/f',
  from: 400,
  to: null,
  ranged: true,
  known: KNOWN,
  ...change,
})
const judge = (status: number, headers: Record<string, string>, change: Partial<Asked> = {}) =>
  judgeAnswer(asked(change), { status, headers })
const changedWhat = (status: number, headers: Record<string, string>, change: Partial<Asked> = {}) => {
  const verdict = judge(status, headers, change)
  assert.equal(verdict.kind, 'changed')
  assert.ok(verdict.kind === 'changed' && verdict.error.code === 'download.changed')
  return verdict.error.details.what
}

test('a part is taken when it begins at the byte that was asked for', () => {
  const verdict = judge(206, { 'content-range': 'bytes 400-999/1000', etag: '"v1"', 'content-length': '600' })
  assert.deepEqual(verdict, { kind: 'part', to: 1000, known: KNOWN })
  assert.equal(judge(206, { 'content-range': 'bytes 400-499/*' }).kind, 'part', 'a shorter part, size not said')
})

test('a part with a wrong, missing, overlapping or contradicting range is refused', () => {
  const wrong: Record<string, string>[] = [
    {},
    { 'content-range': 'bytes 399-999/1000' },
    { 'content-range': 'bytes 401-999/1000' },
    { 'content-range': 'bytes 0-999/1000' },
    { 'content-range': 'bytes 400-399/1000' },
    { 'content-range': 'bytes 400-1000/1000' },
    { 'content-range': 'bytes 400-999' },
    { 'content-range': 'items 400-999/1000' },
    { 'content-range': 'bytes 400-999/1000, bytes 0-1/1000' },
    { 'content-range': 'bytes 400-999/1000', 'content-length': '601' },
    { 'content-type': 'multipart/byteranges; boundary=x' },
  ]
  for (const headers of wrong)
    assert.throws(() => judge(206, headers), { code: 'download.range-differs' }, JSON.stringify(headers))
  assert.throws(() => judge(206, { 'content-range': 'bytes 400-600/1000' }, { to: 600 }), {
    code: 'download.range-differs',
  })
  const unasked = { from: 0, ranged: false }
  assert.throws(() => judge(206, { 'content-range': 'bytes 0-999/1000' }, unasked), { code: 'download.range-differs' })
})

test('200 on a Range request is the whole file, never a continuation', () => {
  const verdict = judge(200, { 'content-length': '1000', etag: '"v1"' })
  assert.equal(verdict.kind, 'whole')
})

test('another ETag, date or size is another file, also when the server answers the range all the same', () => {
  const part = { 'content-range': 'bytes 400-999/1000' }
  assert.equal(changedWhat(206, { ...part, etag: '"v2"' }), 'its ETag')
  assert.equal(changedWhat(200, { etag: '"v2"' }), 'its ETag')
  assert.equal(changedWhat(206, { 'content-range': 'bytes 400-1000/1001', etag: '"v1"' }), 'its size')
  const dated = { known: { total: null, validator: { etag: null, lastModified: 'Sun, 22 Nov 2026 04:00:00 GMT' } } }
  assert.equal(changedWhat(206, { ...part, 'last-modified': 'Sun, 22 Nov 2026 05:00:00 GMT' }, dated), 'its date')
})

test('416 tells "all is here" from "it is shorter now" and from "no idea"', () => {
  const at = (from: number, headers: Record<string, string>, known = KNOWN) => judge(416, headers, { from, known })
  assert.equal(at(1000, { 'content-range': 'bytes */1000' }).kind, 'at-end')
  const unknown: Known = { validator: null, total: null }
  assert.equal(at(1000, { 'content-range': 'bytes */1000' }, unknown).kind, 'at-end', 'size not known before')
  assert.equal(at(1000, { 'content-range': 'bytes */900' }).kind, 'changed')
  assert.equal(at(1000, { 'content-range': 'bytes */900' }, unknown).kind, 'changed')
  assert.equal(at(1000, { 'content-range': 'bytes */1000', etag: '"v2"' }).kind, 'changed')
  assert.equal(at(1000, {}).kind, 'start-anew')
  assert.throws(() => judge(416, {}, { from: 0, ranged: false }), { code: 'download.status' })
})

test('only a strong ETag, or a date where there is no ETag, is sent as If-Range', () => {
  assert.equal(ifRangeOf({ etag: '"a"', lastModified: 'date' }), '"a"')
  assert.equal(ifRangeOf({ etag: null, lastModified: 'date' }), 'date')
  assert.equal(ifRangeOf({ etag: 'W/"a"', lastModified: 'date' }), null)
  assert.equal(ifRangeOf({ etag: 'bare', lastModified: null }), null)
  assert.equal(ifRangeOf(null), null)
  assert.deepEqual(rangeHeaders(5, 10, KNOWN), { range: 'bytes=5-9', 'if-range': '"v1"' })
  assert.deepEqual(rangeHeaders(5, null, { validator: null, total: null }), { range: 'bytes=5-' })
})

test('what is repeated: lost connections and busy servers, not refusals', () => {
  const status = (found: number) => new EngineError('download.status', { url: 'u', found, expected: '200' })
  assert.deepEqual([500, 502, 503, 408, 429].map(status).map(mayPass), [true, true, true, true, true])
  assert.deepEqual([400, 401, 403, 404, 410].map(status).map(mayPass), [false, false, false, false, false])
  assert.ok(mayPass(new EngineError('download.stalled')) && !mayPass(new EngineError('download.tls')))
  assert.ok(!mayPass(new EngineError('job.cancelled')) && !mayPass(new Error('ECONNRESET')))
})

test('whatever a server says, a part that is accepted begins where it was asked to and ends within the file', () => {
  const number = fc.oneof(fc.nat(1200), fc.constant(999), fc.constant(400))
  fc.assert(
    fc.property(number, number, fc.option(number), fc.option(number), (from, last, total, length) => {
      const headers: Record<string, string> = { 'content-range': `bytes ${from}-${last}/${total ?? '*'}` }
      if (length !== null) headers['content-length'] = String(length)
      try {
        const verdict = judge(206, headers)
        if (verdict.kind === 'part') {
          assert.equal(from, 400)
          assert.ok(verdict.to > 400 && verdict.to <= (total ?? Infinity))
          assert.ok(length === null || length === verdict.to - 400)
        }
      } catch (error) {
        assert.ok(error instanceof EngineError && error.code === 'download.range-differs')
      }
    }),
    { numRuns: 500 },
  )
  fc.assert(fc.property(fc.string(), (text) => void parseContentRange(text)))
})
