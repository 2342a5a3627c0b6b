import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { hostileServer } from '#testing/hostile-server.ts'
import { openReleaseBench, type ReleaseBench } from '#testing/release-bench.ts'
import { sha256Hex } from '../codec/hashing.ts'
import { httpFetcher } from '../http/download-fetcher.ts'
import { downloadTriple, fileNameOf } from './download-triple.ts'
import { openRelease } from './open-release.ts'
import { signImage } from './sign-image.ts'

const fetcher = httpFetcher({ allow: () => true })
const retry = { attempts: 3, pauseMs: 1, longestMs: 2 }
let bench: ReleaseBench
let files: Record<string, Uint8Array>
let sha256: string

before(async () => {
  bench = await openReleaseBench()
  const image = await readFile(bench.at('x.img'))
  sha256 = sha256Hex(image)
  await writeFile(bench.at('v.iso'), image)
  await signImage(bench.at('v.iso'), bench.key, { now: bench.now })
  files = {}
  for (const name of ['v.iso', 'v.iso.sha256', 'v.iso.asc']) files[`/r/${name}`] = await readFile(bench.at(name))
})
after(() => bench[Symbol.asyncDispose]())

test('the three files come over cut connections and are a release that openRelease believes', async () => {
  await using server = await hostileServer(files, () => ({ cutAfter: 90_000 }))
  const folder = bench.at('down')
  const wish = { url: `${server.url}/r/v.iso?t=1`, folder, sizeBytes: null, sha256, fetcher, retry }
  const done = await downloadTriple(wish)
  assert.equal(done.sha256, sha256)
  await using release = await openRelease(done.path, bench.trusted, { now: bench.now })
  assert.equal(release.kind, 'triple')
  assert.equal((await downloadTriple(wish)).fetched, false, 'the image is not fetched again')
})

test('without checksum or signature, or with one that contradicts the channel, the image is not asked for', async () => {
  for (const missing of ['/r/v.iso.sha256', '/r/v.iso.asc']) {
    await using server = await hostileServer({ ...files, [missing]: new Uint8Array(0) }, ({ path }) =>
      path === missing ? { status: 404 } : {},
    )
    const wish = { url: `${server.url}/r/v.iso`, folder: bench.at('no'), sizeBytes: null, sha256: null, fetcher, retry }
    await assert.rejects(downloadTriple(wish), { code: 'download.status' })
    assert.ok(!server.asked.some(({ path }) => path === '/r/v.iso'))
  }
  const other = utf8(`${'0'.repeat(64)}  v.iso\n`)
  await using server = await hostileServer({ ...files, '/r/v.iso.sha256': other })
  const wish = { url: `${server.url}/r/v.iso`, folder: bench.at('no'), sizeBytes: null, sha256, fetcher, retry }
  await assert.rejects(downloadTriple(wish), { code: 'download.checksum-mismatch' })
  assert.ok(!server.asked.some(({ path }) => path === '/r/v.iso'))
})

test('an address whose path does not end in a plain name cannot choose where the file goes', () => {
  assert.equal(fileNameOf('http://h/a/x-1.0~rc+1.img?name=../y'), 'x-1.0~rc+1.img')
  for (const url of ['http://h/', 'http://h/a/..%2fx', 'http://h/.hidden', 'http://h/-rf', 'nonsense'])
    assert.throws(() => fileNameOf(url), { code: 'download.bad-url' }, url)
})
