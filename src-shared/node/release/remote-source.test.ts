import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import type { ByteSource } from '#engine/ports.ts'
import { type HostileServer, hostileServer } from '#testing/hostile-server.ts'
import fc from '#testing/property.ts'
import { seededBytes } from '#testing/random.ts'
import { httpFetcher } from '../http/download-fetcher.ts'
import { openHttpSource, type RemoteOptions } from './remote-source.ts'

const FILE = seededBytes(3_000_000, 5)
const fetcher = httpFetcher({ allow: () => true, limits: { idleMs: 30_000 } })
/** For servers that stall; an honest one may be slow on a busy machine. */
const impatient = httpFetcher({ allow: () => true, limits: { idleMs: 1000 } })
const retry = { attempts: 4, pauseMs: 1, longestMs: 4 }

const serve = (script?: HostileServer['script'], file = FILE) => hostileServer({ '/x': file }, script)
const open = (server: HostileServer, change: Partial<RemoteOptions> = {}) =>
  openHttpSource(`${server.url}/x?token=s3cret`, { fetcher, retry, ...change })

async function check(source: ByteSource, offset: number, length: number): Promise<void> {
  const target = new Uint8Array(length)
  await source.read(offset, target)
  assert.equal(Buffer.compare(target, FILE.subarray(offset, offset + length)), 0, `bytes at ${offset}`)
}

async function failure(work: Promise<unknown>): Promise<EngineError> {
  const error = await work.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof EngineError, String(error))
  assert.doesNotMatch(error.message, /s3cret|\{|\}/)
  return error
}

test('reads in order, several at once, come on few connections and each byte once', async () => {
  await using server = await serve()
  await using source = await open(server)
  assert.equal(source.size, FILE.length)
  const step = 100_000
  for (let at = 0; at < FILE.length; at += 4 * step)
    await Promise.all(
      [3, 1, 0, 2]
        .map((i) => at + i * step)
        .filter((o) => o < FILE.length)
        .map((o) => check(source, o, step)),
    )
  assert.ok(server.asked.length <= 4, `${server.asked.length} requests`)
  assert.equal(server.sent, FILE.length)
  assert.equal(server.asked[1].headers['if-range'], undefined, 'mirrors differ in it')
})

test('blocks read piece by piece, several at once, stay on the stream', async () => {
  await using server = await serve()
  await using source = await open(server)
  const block = async (at: number) => {
    for (let piece = 0; piece < 10; piece++) await check(source, at + piece * 30_000, 30_000)
  }
  await Promise.all([0, 300_000, 600_000, 900_000].map(block))
  assert.ok(server.asked.length <= 3, `${server.asked.length} requests`)
})

test('reads here and there ask for small ranges', async () => {
  await using server = await serve()
  await using source = await open(server)
  for (const at of [2_900_000, 1_000_000, 2_000_000, 16]) await check(source, at, 1000)
  assert.equal(server.asked.length, 5)
  for (const { range } of server.asked) assert.ok(range?.to && range.to - range.from <= 256 * 1024)
})

test('any order of reads gives the bytes of the file, also over cut connections and without ranges', async () => {
  const reads = fc.array(fc.tuple(fc.nat(FILE.length - 1), fc.integer({ min: 0, max: 400_000 })), { maxLength: 6 })
  const cut = fc.constantFrom(undefined, 50_000, 200_000)
  await fc.assert(
    fc.asyncProperty(reads, cut, fc.boolean(), async (wanted, cutAfter, ranges) => {
      // Without ranges each cut begins at the start again: then only what is served whole can be read.
      await using server = await serve(() => (ranges ? { cutAfter } : { ranges: false }))
      await using source = await open(server)
      await Promise.all(wanted.map(([at, length]) => check(source, at, Math.min(length, FILE.length - at))))
    }),
    { numRuns: 25 },
  )
})

test('a stalled, busy or cut connection is taken up at the exact byte', async () => {
  await using server = await serve((_, index) =>
    index === 1 ? { stallAfter: 1000 } : index === 2 ? { status: 503 } : { cutAfter: 70_000 },
  )
  await using source = await open(server, { fetcher: impatient })
  await check(source, 0, 500_000)
  assert.deepEqual(
    server.asked.slice(1, 4).map(({ range }) => range?.from),
    [70_000, 71_000, 71_000],
  )
})

test('a server that brings nothing any more ends the reads, and a later read tries anew', async () => {
  await using server = await serve(() => ({ cutAfter: 1000 }))
  await using source = await open(server)
  server.script = () => ({ status: 503 })
  const both = [check(source, 0, 5000), check(source, 10_000, 10)].map(failure)
  for (const error of await Promise.all(both)) assert.equal(error.code, 'download.no-progress')
  server.script = () => ({})
  await check(source, 0, 5000)
})

test('another name of the file is no other file; another size is', async () => {
  for (const honoursIfRange of [true, false]) {
    await using server = await serve(() => ({ cutAfter: 70_000 }))
    await using source = await open(server)
    server.script = () => ({ etag: '"v2"', honoursIfRange, cutAfter: 70_000 })
    await check(source, 0, 100_000)
    server.script = () => ({ file: FILE.subarray(0, FILE.length - 1) })
    await check(source, 200_000, 10).catch(() => {
      // What was under way may still be served; the next answer tells.
    })
    assert.equal((await failure(check(source, 0, 100_000))).code, 'download.changed')
    assert.equal((await failure(check(source, 0, 10))).code, 'download.changed', 'it stays so')
  }
})

test('a server without ranges: forward reads pass over what is not wanted; too many ways back are refused', async () => {
  await using server = await serve(() => ({ ranges: false }))
  await using source = await open(server)
  await check(source, 10, 100)
  await check(source, 1_500_000, 100)
  await check(source, 2_999_000, 1000)
  assert.equal(server.asked.length, 1)
  let error: EngineError | null = null
  for (let i = 0; i < 10 && !error; i++) {
    await check(source, 1000, 10).catch((reason: EngineError) => {
      error = reason
    })
    if (!error) await check(source, 2_000_000, 10)
  }
  assert.equal((error as EngineError | null)?.code, 'download.no-ranges')
  assert.ok(server.asked.length <= 9)
})

test('sizes: not told, other than promised, nothing at all, and a read behind the end', async () => {
  await using server = await serve()
  assert.equal((await failure(open(server, { sizeBytes: 5 }))).code, 'download.size-differs')
  await using source = await open(server)
  assert.equal((await failure(check(source, FILE.length - 5, 10))).code, 'release.truncated')
  server.script = () => ({ ranges: false, length: 'chunked' })
  assert.equal((await failure(open(server))).code, 'download.size-unknown')
  await using promised = await open(server, { sizeBytes: FILE.length })
  await check(promised, 100, 1000)
  await using empty = await serve(undefined, new Uint8Array(0))
  assert.equal((await failure(open(empty))).code, 'release.empty')
  server.script = () => ({ status: 404 })
  assert.equal((await failure(open(server))).code, 'download.status')
})

test('a range of other bytes is refused, and what is sent behind its end is not taken', async () => {
  await using server = await serve()
  await using source = await open(server)
  server.script = ({ range }) => ({ headers: { 'content-range': `bytes ${(range?.from ?? 0) + 1}-2999999/3000000` } })
  assert.equal((await failure(check(source, 1_000_000, 10))).code, 'download.range-differs')
  server.script = ({ range }) => (range ? { length: 'chunked', endless: true } : {})
  await using endless = await open(server)
  await check(endless, 0, 1_000_000)
  await check(endless, FILE.length - 1000, 1000)
})

test('cancelled or closed while reading: the read ends and nothing stays open', async () => {
  await using server = await serve((_, index) => (index === 0 ? {} : { stallAfter: 10 }))
  const controller = new AbortController()
  await using source = await open(server, { fetcher: impatient, signal: controller.signal })
  const reading = failure(check(source, 1_000_000, 1000))
  setTimeout(() => controller.abort(), 20)
  assert.equal((await reading).code, 'job.cancelled')
  await using silent = await serve((_, index) => (index === 0 ? {} : { stallAfter: 10 }))
  await using other = await open(silent, { fetcher: impatient })
  const pending = failure(check(other, 1_000_000, 1000))
  await other[Symbol.asyncDispose]()
  assert.equal((await pending).code, 'job.cancelled')
})
