import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '#base/errors.ts'
import { type Behaviour, type HostileServer, hostileServer } from '#testing/hostile-server.ts'
import { seededBytes } from '#testing/random.ts'
import { requireTool, runTool } from '../os/run-tool.ts'
import { httpFetcher } from './download-fetcher.ts'
import { type DownloadOptions, downloadFile } from './download-file.ts'

const FILE = seededBytes(1_500_000, 7)
const OTHER = seededBytes(1_400_000, 8)
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const headers = { authorization: 'Bearer s3cret' }
const fetcher = httpFetcher({ allow: () => true, limits: { idleMs: 30_000 }, headers })
/** For servers that stall; an honest one may be slow on a busy machine. */
const impatient = httpFetcher({ allow: () => true, limits: { idleMs: 1000 }, headers })
const retry = { attempts: 4, pauseMs: 1, longestMs: 4 }
let folder: string
let count = 0

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinslot-download-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const freshPath = () => join(folder, `${++count}`, 'x.img')
const serve = (script?: HostileServer['script']) => hostileServer({ '/x.img': FILE }, script)
const options = (server: HostileServer, change: Partial<DownloadOptions> = {}): DownloadOptions => ({
  url: `${server.url}/x.img?token=s3cret`,
  path: freshPath(),
  sizeBytes: FILE.length,
  sha256: sha(FILE),
  fetcher,
  retry,
  ...change,
})
const unknown = { sizeBytes: null, sha256: null }

/** Whole, and nothing else beside it. */
async function assertWhole(path: string, bytes = FILE): Promise<void> {
  assert.equal(Buffer.compare(await readFile(path), bytes), 0)
  assert.deepEqual(await readdir(join(path, '..')), ['x.img'])
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
const keptBytes = async (path: string) => (await stat(`${path}.part`)).size
/** A download that stops after some bytes and is kept. */
async function begun(server: HostileServer, change: Partial<DownloadOptions> = {}, bytes = 200_000) {
  const wish = options(server, change)
  server.script = () => ({ cutAfter: bytes, ranges: false })
  await failure(downloadFile({ ...wish, retry: { ...retry, attempts: 1 } }))
  assert.equal(await keptBytes(wish.path), bytes)
  server.script = () => ({})
  server.asked.length = 0
  server.sent = 0
  return wish
}

test('a file comes whole; when it is there already, nothing is asked', async () => {
  await using server = await serve()
  const wish = options(server)
  const seen: number[] = []
  const first = await downloadFile({ ...wish, onProgress: (done) => seen.push(done) })
  assert.deepEqual(first.fetched, true)
  assert.equal(seen.at(-1), FILE.length)
  await assertWhole(wish.path)
  assert.equal((await downloadFile(wish)).fetched, false)
  assert.equal(server.asked.length, 1)
  assert.equal(server.asked[0].headers.range, undefined)
})

test('a connection that is cut every 200 kB is continued with Range and If-Range, each byte once', async () => {
  await using server = await serve(() => ({ cutAfter: 200_000 }))
  const wish = options(server, { sha256: null })
  await downloadFile(wish)
  await assertWhole(wish.path)
  assert.equal(server.sent, FILE.length)
  assert.deepEqual(server.asked[1].range, { from: 200_000, to: null })
  assert.equal(server.asked[1].headers['if-range'], '"v1"')
})

test('without an ETag the date is the If-Range; with a weak one none is sent', async () => {
  const lastModified = 'Sun, 22 Nov 2026 04:00:00 GMT'
  await using server = await serve(() => ({ cutAfter: 250_000, etag: null, lastModified }))
  await downloadFile(options(server, { sha256: null }))
  assert.equal(server.asked[1].headers['if-range'], lastModified)
  server.asked.length = 0
  server.script = () => ({ cutAfter: 250_000, etag: 'W/"1"' })
  await downloadFile(options(server, { sha256: null }))
  assert.equal(server.asked[1].headers['if-range'], undefined)
  assert.equal(server.asked[1].range?.from, 250_000)
})

test('defect 7: 200 on a Range request begins anew and is never appended', async () => {
  await using server = await serve()
  const wish = await begun(server)
  server.script = () => ({ ranges: false })
  await downloadFile(wish)
  assert.equal(server.asked[0].range?.from, 200_000)
  assert.equal(server.sent, FILE.length)
  await assertWhole(wish.path)
})

test('defect 7: a complete file of unknown size is not an error (416), also without a Content-Range', async () => {
  await using server = await serve()
  const heads: Behaviour['headers'][] = [{}, { 'content-range': null }]
  for (const headers of heads) {
    const wish = await begun(server, unknown)
    // The last byte arrives, and then the power goes before anybody knew that it was the last one.
    await writeFile(`${wish.path}.part`, FILE)
    const note = JSON.parse(await readFile(`${wish.path}.part.json`, 'utf8'))
    await writeFile(`${wish.path}.part.json`, JSON.stringify({ ...note, size: null, synced: FILE.length }))
    server.script = ({ range }) => ({ headers: range ? headers : {} })
    await downloadFile(wish)
    assert.equal(server.asked[0].range?.from, FILE.length)
    await assertWhole(wish.path)
  }
})

test('a file left by another agent is taken as the beginning, and judged by the SHA-256', async () => {
  await using server = await serve()
  const good = options(server)
  await downloadFile(good)
  await truncate(good.path, 700_000)
  server.sent = 0
  await downloadFile(good)
  await assertWhole(good.path)
  assert.equal(server.sent, FILE.length - 700_000)
  await writeFile(good.path, OTHER)
  await downloadFile(good)
  await assertWhole(good.path)
})

test('a file that changes between two parts begins anew and is never mixed', async () => {
  await using server = await serve()
  const wish = await begun(server, unknown)
  server.script = () => ({ file: OTHER, etag: '"v2"' })
  await downloadFile(wish)
  await assertWhole(wish.path, OTHER)
  // The same, by a server that ignores If-Range and gives the range of the new file.
  const again = await begun(server, unknown)
  server.script = () => ({ file: OTHER, etag: '"v2"', honoursIfRange: false })
  await downloadFile(again)
  await assertWhole(again.path, OTHER)
})

test('a file that never holds still ends with download.changed', async () => {
  await using server = await serve((_, index) => ({ cutAfter: 1000, etag: `"v${index}"`, honoursIfRange: false }))
  assert.equal((await failure(downloadFile(options(server, { sha256: null })))).code, 'download.changed')
})

test('where the SHA-256 of the whole is known it decides, not the ETag: mirrors of the same bytes are one file', async () => {
  for (const honoursIfRange of [true, false]) {
    const dates = ['Sun, 22 Nov 2026 04:00:00 GMT', 'Mon, 23 Nov 2026 04:00:00 GMT']
    await using server = await serve((_, index) => ({
      ...{ cutAfter: 100_000, honoursIfRange },
      ...(index % 3 === 2 ? { etag: null, lastModified: dates[index % 2] } : { etag: `"mirror-${index}"` }),
    }))
    const wish = options(server)
    await downloadFile(wish)
    await assertWhole(wish.path)
    assert.equal(server.sent, FILE.length, 'each byte once')
    assert.ok(server.asked.every(({ headers: sent }) => sent['if-range'] === undefined))
  }
})

test('what is kept of a file goes on from another address, when it is to have the same SHA-256', async () => {
  await using server = await hostileServer({ '/x.img': FILE, '/mirror/y.img': FILE })
  const wish = await begun(server)
  await downloadFile({ ...wish, url: `${server.url}/mirror/y.img` })
  await assertWhole(wish.path)
  assert.deepEqual([server.asked[0].range?.from, server.sent], [200_000, FILE.length - 200_000])
})

test('what is kept of a file that was to have another SHA-256 is not its beginning, though its address is the same', async () => {
  await using server = await serve()
  const wish = await begun(server, { sizeBytes: null })
  server.script = () => ({ file: OTHER })
  await downloadFile({ ...wish, sha256: sha(OTHER) })
  await assertWhole(wish.path, OTHER)
  assert.equal(server.asked[0].range, null)
})

test('a file that really changes under way, beneath mirrors or not, is found by the SHA-256 and fetched from its start', async () => {
  await using server = await serve()
  const wish = await begun(server)
  await writeFile(`${wish.path}.part`, new Uint8Array(FILE.subarray(0, 200_000)).fill(1, 0, 100_000))
  server.script = () => ({ file: FILE, etag: '"v2"' })
  await downloadFile(wish)
  await assertWhole(wish.path)
  assert.deepEqual(
    server.asked.map(({ range }) => range?.from ?? 0),
    [200_000, 0],
  )
})

test('the same ETag with other bytes is found by the SHA-256, repeated once in one piece, and not kept', async () => {
  await using server = await serve()
  const wish = await begun(server)
  const same = new Uint8Array(FILE).fill(1, 600_000, 700_000)
  server.script = ({ range }) => (range ? { file: same } : {})
  await downloadFile(wish)
  await assertWhole(wish.path)
  assert.deepEqual(
    server.asked.map(({ range }) => range?.from ?? 0),
    [200_000, 0],
  )
  server.script = () => ({ file: same })
  const lie = options(server)
  assert.equal((await failure(downloadFile(lie))).code, 'download.checksum-mismatch')
  assert.deepEqual(await readdir(join(lie.path, '..')), [], 'nothing that is wrong is kept')
})

test('another size than the promised one is refused before the body; an endless body is bounded', async () => {
  await using server = await serve()
  const differs = options(server, { sizeBytes: FILE.length - 1 })
  assert.equal((await failure(downloadFile(differs))).code, 'download.size-differs')
  assert.equal(await keptBytes(differs.path), 0)
  assert.equal(
    (await failure(downloadFile(options(server, { ...unknown, maxBytes: 1000 })))).code,
    'download.too-large',
  )
  server.script = () => ({ length: 'chunked', endless: true })
  const endless = options(server, { ...unknown, maxBytes: 2_000_000 })
  assert.equal((await failure(downloadFile(endless))).code, 'download.too-large')
  assert.ok((await keptBytes(endless.path)) <= 2_000_000)
  assert.equal((await failure(downloadFile(options(server)))).code, 'download.too-large', 'more than was promised')
})

test('unknown size: the proper end of a chunked body is the end, a cut one is not', async () => {
  await using server = await serve((_, index) => ({ length: 'chunked', ...(index === 0 ? { cutAfter: 300_000 } : {}) }))
  const wish = options(server, unknown)
  await downloadFile(wish)
  await assertWhole(wish.path)
  assert.equal(server.asked.length, 2)
})

test('a Content-Length that lies: too short is a wrong size, too long is no endless wait', async () => {
  await using server = await serve(() => ({ length: 1000, file: FILE.subarray(0, 1000) }))
  assert.equal((await failure(downloadFile(options(server, { fetcher: impatient })))).code, 'download.size-differs')
  const bare = options(server, { fetcher: impatient, ...unknown, sha256: sha(FILE) })
  assert.equal((await failure(downloadFile(bare))).code, 'download.checksum-mismatch')
  server.script = ({ range }) => (range ? {} : { length: FILE.length + 5 })
  const long = await failure(downloadFile(options(server, unknown)))
  assert.equal(long.code, 'download.changed')
})

test('a range of other bytes than asked is refused and nothing of it kept', async () => {
  await using server = await serve()
  const wish = await begun(server)
  server.script = () => ({ headers: { 'content-range': `bytes 0-${FILE.length - 200_001}/${FILE.length}` } })
  assert.equal((await failure(downloadFile(wish))).code, 'download.range-differs')
  assert.equal(await keptBytes(wish.path), 200_000)
})

test('a stalled or busy server is tried again, and given up after some attempts without progress', async () => {
  await using server = await serve(
    (_, index) => [{ stallAfter: 0 }, { stallAfter: 200_000 }, { status: 503 }, {}][index] ?? {},
  )
  const wish = options(server, { fetcher: impatient })
  await downloadFile(wish)
  await assertWhole(wish.path)
  assert.equal(server.asked.length, 4)
  server.script = ({ range }) => (range ? { status: 503 } : { cutAfter: 1000 })
  server.asked.length = 0
  const hopeless = await failure(downloadFile(options(server, { fetcher: impatient })))
  assert.deepEqual([hopeless.code, hopeless.details.received, server.asked.length], ['download.no-progress', 1000, 4])
  server.script = () => ({ ranges: false, cutAfter: 1000 })
  assert.equal(
    (await failure(downloadFile(options(server, { fetcher: impatient })))).code,
    'download.no-progress',
    'anew is no progress',
  )
  server.script = () => ({ status: 404 })
  server.asked.length = 0
  assert.equal((await failure(downloadFile(options(server, { fetcher: impatient })))).code, 'download.status')
  assert.equal(server.asked.length, 1)
})

test('a download takes no longer than it may', async () => {
  await using server = await serve(() => ({ cutAfter: 16 }))
  assert.equal((await failure(downloadFile(options(server, { totalMs: 50 })))).code, 'download.too-slow')
})

test('cancelled: what came is kept and continued', async () => {
  await using server = await serve()
  const controller = new AbortController()
  const wish = options(server)
  const stopped = downloadFile({
    ...wish,
    signal: controller.signal,
    onProgress: (done) => done > 300_000 && controller.abort(),
  })
  assert.equal((await failure(stopped)).code, 'job.cancelled')
  assert.ok((await keptBytes(wish.path)) > 300_000)
  await downloadFile(wish)
  await assertWhole(wish.path)
  assert.ok((server.asked[1].range?.from ?? 0) > 300_000)
})

test('a damaged note, or one of another file, means that nothing is known: it begins anew', async () => {
  await using server = await serve()
  for (const text of ['', '{"url":1}', 'null', '{"url":"http://other/x","synced":9}']) {
    const wish = await begun(server, unknown)
    await writeFile(`${wish.path}.part.json`, text)
    await downloadFile(wish)
    assert.equal(server.asked[0].range, null, text)
    await assertWhole(wish.path)
  }
})

test('bytes behind the noted ones may be anything after a power cut: they are fetched again', async () => {
  await using server = await serve()
  const wish = await begun(server)
  await writeFile(`${wish.path}.part`, Buffer.concat([FILE.subarray(0, 200_000), Buffer.alloc(100_000)]))
  await downloadFile(wish)
  assert.equal(server.asked[0].range?.from, 200_000)
  await assertWhole(wish.path)
})

test('two downloads of one file: the second one is told', async () => {
  await using server = await serve(() => ({ stallAfter: 1000 }))
  const wish = options(server, { fetcher: impatient })
  const controller = new AbortController()
  const first = failure(downloadFile({ ...wish, signal: controller.signal }))
  // Which of two that begin at the same moment is the second one, nobody knows.
  while (server.asked.length === 0) await delay(1)
  assert.equal((await failure(downloadFile(wish))).code, 'disk.busy')
  controller.abort()
  assert.equal((await first).code, 'job.cancelled')
})

test('a folder that cannot be made or written is named', async () => {
  await using server = await serve()
  await writeFile(join(folder, 'a-file'), 'x')
  const error = await failure(downloadFile(options(server, { path: join(folder, 'a-file', 'x.img') })))
  assert.equal(error.code, 'download.file-failed')
  assert.match(error.message, /a-file/)
})

test('kill -9 at any moment: the next run continues and the file is right', async () => {
  await using server = await serve(() => ({}))
  const child = `import { downloadFile } from ${JSON.stringify(join(import.meta.dirname, 'download-file.ts'))}
import { httpFetcher } from ${JSON.stringify(join(import.meta.dirname, 'download-fetcher.ts'))}
const options = JSON.parse(process.argv[1])
await downloadFile({ ...options, fetcher: httpFetcher({ allow: () => true }), onProgress: (done) => process.stdout.write('.') })`
  for (const dots of [1, 4, 12]) {
    const wish = options(server)
    server.script = () => ({ cutAfter: 120_000 })
    const { fetcher: _, ...plain } = wish
    const run = spawn(process.execPath, ['--input-type=module-typescript', '-e', child, JSON.stringify(plain)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let seen = 0
    const ended = new Promise<NodeJS.Signals | null>((done) => run.on('exit', (_code, signal) => done(signal)))
    run.stdout.on('data', (text: Buffer) => {
      seen += text.length
      if (seen >= dots) run.kill('SIGKILL')
    })
    assert.equal(await ended, 'SIGKILL', 'it was killed in the middle')
    server.script = () => ({})
    await downloadFile(wish)
    await assertWhole(wish.path)
  }
  assert.ok((server.asked.at(-1)?.range?.from ?? 0) >= 120_000, 'the last one was continued')
})

test('a full disk: refused before when the size is known, kept and said when not; continued when there is room', async (t) => {
  const disk = join(folder, 'small')
  await requireTool('mkdir', [disk], { timeoutMs: 5000 })
  const mount = ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]
  const mounted = await runTool('mount', mount, { timeoutMs: 5000 })
  if (mounted.code !== 0) return t.skip('needs the right to mount a tmpfs')
  try {
    await using server = await serve(() => ({ length: 'chunked' }))
    await writeFile(join(disk, 'other'), new Uint8Array(3_200_000))
    const path = join(disk, 'x.img')
    const known = options(server, { path })
    const refused = await failure(downloadFile(known))
    assert.equal(refused.code, 'download.disk-full')
    assert.equal(await keptBytes(path), 0)
    const full = await failure(downloadFile({ ...known, sizeBytes: null }))
    assert.equal(full.code, 'download.disk-full')
    assert.equal(typeof full.details.needed, 'number')
    const kept = await keptBytes(path)
    assert.ok(kept > 500_000)
    await rm(join(disk, 'other'))
    server.script = () => ({})
    await downloadFile({ ...known, sizeBytes: null })
    assert.equal(Buffer.compare(await readFile(path), FILE), 0)
    assert.ok((server.asked.at(-1)?.range?.from ?? 0) > 500_000)
  } finally {
    await requireTool('umount', [disk], { timeoutMs: 5000 })
  }
})
