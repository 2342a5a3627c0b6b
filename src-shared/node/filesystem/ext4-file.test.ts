import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openExt4 } from '#format/ext4-file.ts'
import { encodeImageFacts } from '#format/image-facts.ts'
import { checkSlotImage } from '#format/slot-image.ts'
import fc from '#testing/property.ts'
import { squashfsDecompressors } from '../codec/decompressors.ts'
import { findTool, requireTool } from '../os/run-tool.ts'

const folder = await mkdtemp(join(tmpdir(), 'twinslot-ext4-'))
after(() => rm(folder, { recursive: true, force: true }))
const SAID = { product: 'demo', version: '1.2.3', counter: 7, hardware: ['HP t640 Thin Client'], disk: null }
const TEXT = Buffer.from(encodeImageFacts(SAID)).toString()
const BIG = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) & 0xff))

const readerOf = (bytes: Uint8Array) => async (offset: number, target: Uint8Array) => {
  if (offset < 0 || offset + target.length > bytes.length) throw new RangeError('read beyond the end')
  target.set(bytes.subarray(offset, offset + target.length))
}
const check = (bytes: Uint8Array) => checkSlotImage(readerOf(bytes), bytes.length, squashfsDecompressors)

let made = 0
/** What mke2fs makes of a tree with the file, a crowded directory, links, and a large file. */
async function ext4(options: readonly string[], { text = TEXT, linked = false } = {}): Promise<Uint8Array> {
  const root = join(folder, `root-${made++}`)
  await mkdir(join(root, 'etc/twinslot'), { recursive: true })
  await mkdir(join(root, 'crowd'))
  await Promise.all(
    Array.from({ length: 600 }, (_, at) => writeFile(join(root, 'crowd', `file number ${at}`), `${at}`)),
  )
  await writeFile(join(root, 'crowd/big'), BIG)
  await symlink('../../crowd/../crowd/file number 7', join(root, 'etc/twinslot/seven'))
  await symlink('loop', join(root, 'loop'))
  await symlink(`/crowd/${'./'.repeat(100)}file number 8`, join(root, 'eight'))
  if (linked) {
    await writeFile(join(root, 'said'), text)
    await symlink('/said', join(root, 'etc/twinslot/image.json'))
  } else await writeFile(join(root, 'etc/twinslot/image.json'), text)
  const path = join(folder, `image-${made}`)
  await writeFile(path, new Uint8Array(16 * 1024 * 1024))
  await requireTool('mke2fs', ['-q', '-F', ...options, '-d', root, path], { timeoutMs: 120_000 })
  return new Uint8Array(await readFile(path))
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  'ext4 with blocks of 4 KiB': ['-t', 'ext4', '-b', '4096'],
  'ext4 with blocks of 1 KiB and small groups': ['-t', 'ext4', '-b', '1024', '-g', '1024'],
  'ext4 without 64bit and checksums': ['-t', 'ext4', '-O', '^64bit,^metadata_csum'],
  'ext4 with small inodes': ['-t', 'ext4', '-I', '128'],
  'ext2, which maps blocks': ['-t', 'ext2', '-b', '1024'],
}

for (const [name, options] of Object.entries(KINDS))
  test(`files of ${name} are read as its maker wrote them, also through links and in crowded directories`, async (t) => {
    if (!(await findTool('mke2fs'))) return t.skip('needs mke2fs')
    const bytes = await ext4(options)
    const image = openExt4(readerOf(bytes), bytes.subarray(0, 2048))
    if ('unread' in image) assert.fail(image.unread)
    assert.deepEqual(await image.lookup('/crowd/file number 599'), { type: 'file', size: 3 })
    assert.deepEqual(await image.lookup('crowd'), { type: 'directory', size: 0 })
    assert.deepEqual(Buffer.from((await image.readFile('/crowd/big', BIG.length)) ?? ''), BIG)
    assert.equal(await image.readFile('/crowd/big', BIG.length - 1), null)
    for (const [link, content] of [
      ['/etc/twinslot/seven', '7'],
      ['/eight', '8'],
      ['/crowd/../../../eight', '8'],
    ])
      assert.equal(Buffer.from((await image.readFile(link, 10)) ?? '').toString(), content, link)
    for (const none of ['/nothing', '/crowd/file', '/crowd/big/x', '/eight/..'])
      assert.equal(await image.lookup(none), null)
    await assert.rejects(image.lookup('/loop'), { code: 'image.damaged' })
    assert.deepEqual((await check(bytes)).facts, SAID)
  })

test('what an ext4 image says of itself is judged like that of squashfs: read behind a link, refused when it cannot be', async (t) => {
  if (!(await findTool('mke2fs'))) return t.skip('needs mke2fs')
  const plain = KINDS['ext4 with blocks of 4 KiB']
  assert.deepEqual((await check(await ext4(plain, { linked: true }))).facts, SAID)
  for (const text of ['{}', `${TEXT}x`, ' '.repeat(70_000)]) {
    const { findings, facts } = await check(await ext4(plain, { text }))
    assert.deepEqual([findings.map(({ code }) => code), facts], [['image.bad-facts'], undefined])
  }
})

test('an ext4 image with a feature that is not read is not looked into, and says nothing', async (t) => {
  if (!(await findTool('mke2fs'))) return t.skip('needs mke2fs')
  const inline = await check(await ext4(['-t', 'ext4', '-I', '512', '-O', 'inline_data']))
  assert.deepEqual([inline.findings, inline.facts], [[], undefined])
  const spread = await check(await ext4(['-t', 'ext4', '-O', 'meta_bg,^resize_inode']))
  assert.deepEqual([spread.findings, spread.facts], [[], undefined])
})

test('mutated ext4 images give findings or an answer, never another failure, and nothing is read outside', async (t) => {
  if (!(await findTool('mke2fs'))) return t.skip('needs mke2fs')
  const images = [
    await ext4(KINDS['ext4 with blocks of 1 KiB and small groups']),
    await ext4(KINDS['ext2, which maps blocks']),
  ]
  const touched = await Promise.all(images.map(placesRead))
  const mutation = fc.record({ which: fc.nat(), byte: fc.nat(255) })
  await fc.assert(
    fc.asyncProperty(fc.nat(1), fc.array(mutation, { minLength: 1, maxLength: 4 }), async (which, mutations) => {
      const hurt = images[which]
      const before = mutations.map(({ which: place, byte }) => {
        const at = touched[which][place % touched[which].length]
        const old = hurt[at]
        hurt[at] = byte
        return [at, old] as const
      })
      const report = await check(hurt)
      for (const [at, old] of before.reverse()) hurt[at] = old
      assert.ok(report.findings.every(({ code }) => code.startsWith('image.')))
    }),
    { numRuns: 600 },
  )
})

/** Every byte that looking into the image reads: where a change matters. */
async function placesRead(bytes: Uint8Array): Promise<readonly number[]> {
  const places = new Set<number>()
  await checkSlotImage(
    async (offset, target) => {
      for (let at = offset; at < offset + target.length; at++) places.add(at)
      await readerOf(bytes)(offset, target)
    },
    bytes.length,
    squashfsDecompressors,
  )
  return [...places]
}
