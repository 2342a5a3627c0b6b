// The triple's way through a file, from a real HTTP server: what is left of a broken download is continued, the checksum file
// gets the local name, and gpg and sha256sum agree with what lies there.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { httpFetcher } from '#node/http/download-fetcher.ts'
import { findTool, requireTool } from '#node/os/run-tool.ts'
import { hostileServer } from '#testing/hostile-server.ts'
import { seededBytes } from '#testing/random.ts'
import { buildOffer } from '#testing/update-world.ts'
import { isTriple } from './cycle-phases.ts'
import { tripleDownloads } from './fetch.ts'

const IMAGE = seededBytes(300_000, 5)
const SHA = createHash('sha256').update(IMAGE).digest('hex')
const FILES = {
  '/r/hyper net.img': IMAGE,
  '/r/hyper net.img.sha256': utf8(`${SHA}  hyper net.img\n`),
  '/r/hyper net.img.asc': utf8('-----BEGIN PGP SIGNATURE-----\n'),
}
const QUICK = { attempts: 2, pauseMs: 1, longestMs: 1 }
const never = new AbortController().signal

async function open(t: TestContext, files: Readonly<Record<string, Uint8Array>> = FILES) {
  const encoded = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [encodeURI(name), bytes]))
  const server = await hostileServer({ ...files, ...encoded })
  const root = await mkdtemp(join(tmpdir(), 'twinslot-fetch-'))
  t.after(async () => {
    await server[Symbol.asyncDispose]()
    await rm(root, { recursive: true })
  })
  const folder = join(root, 'downloads')
  const downloads = tripleDownloads({
    folder,
    fetcher: async () => httpFetcher({ allow: () => true }),
    retry: QUICK,
    progress: () => {},
  })
  const offer = buildOffer({ url: `${server.url}/r/hyper%20net.img`, sha256: SHA, sizeBytes: IMAGE.length })
  return { server, folder, downloads, offer }
}

test('image, checksum and signature lie there under the version, and sha256sum says yes to them', async (t) => {
  const { folder, downloads, offer } = await open(t)
  const path = await downloads.fetch(offer, never)
  assert.equal(path, join(folder, '2.0.0.img'))
  assert.deepEqual((await readdir(folder)).sort(), ['2.0.0.img', '2.0.0.img.asc', '2.0.0.img.sha256'])
  assert.deepEqual(new Uint8Array(await readFile(path)), IMAGE)
  if (await findTool('sha256sum'))
    await requireTool('sha256sum', ['-c', '2.0.0.img.sha256'], { cwd: folder, timeoutMs: 9000 })
  await downloads.discard()
  await assert.rejects(stat(folder))
  await downloads.discard()
})

test('a broken download is continued where it stopped, and a whole one is not fetched again', async (t) => {
  const { server, downloads, offer } = await open(t)
  const ofImage = () => server.asked.filter(({ path }) => path.endsWith('.img'))
  server.script = ({ path, range }) => (path.endsWith('.img') && !range?.from ? { cutAfter: 100_000 } : {})
  const path = await downloads.fetch(offer, never)
  assert.deepEqual(new Uint8Array(await readFile(path)), IMAGE)
  assert.ok((ofImage().at(-1)?.range?.from ?? 0) > 0)
  const asked = ofImage().length
  await downloads.fetch(offer, never)
  assert.equal(ofImage().length, asked)
})

test('mirrors that each call the image by an ETag of their own are one server: a broken download goes on at the next', async (t) => {
  const { server, downloads, offer } = await open(t)
  const images: number[] = []
  server.script = ({ path, range }, index) => {
    if (path.endsWith('.img')) images.push(range?.from ?? 0)
    return { etag: `"mirror-${index}"`, ...(path.endsWith('.img') && { cutAfter: 40_000 }) }
  }
  assert.deepEqual(new Uint8Array(await readFile(await downloads.fetch(offer, never))), IMAGE)
  assert.deepEqual(images, [0, 40_000, 80_000, 120_000, 160_000, 200_000, 240_000, 280_000])
})

test('a checksum file that contradicts the order is refused before the image is fetched', async (t) => {
  const { server, downloads, offer } = await open(t)
  await assert.rejects(downloads.fetch({ ...offer, sha256: '0'.repeat(64) }, never), {
    code: 'release.checksum-mismatch',
  })
  assert.ok(server.asked.every(({ path }) => !path.endsWith('.img')))
})

test('a missing signature is known before gigabytes are fetched', async (t) => {
  const { '/r/hyper net.img.asc': _, ...files } = FILES
  const { server, downloads, offer } = await open(t, files)
  await assert.rejects(downloads.fetch(offer, never), { code: 'download.status' })
  assert.ok(server.asked.every(({ path }) => path.endsWith('.asc')))
})

test('what is a triple is said by the name in the path, not by the query', () => {
  for (const url of ['https://x/1.img', 'https://x/1.ISO', 'https://x/a/1.img?token=a.b']) assert.ok(isTriple(url), url)
  for (const url of ['https://x/1.twinslot', 'https://x/1?file=a.img', '', 'no address']) assert.ok(!isTriple(url), url)
})
