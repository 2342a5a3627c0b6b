import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type ErrorCode, isEngineError } from '#base/errors.ts'
import { encodeImageFacts } from '#format/image-facts.ts'
import { checkSlotImage, type SlotImageCheck } from '#format/slot-image.ts'
import { openSquashfs } from '#format/squashfs.ts'
import { decodeSuperblock } from '#format/squashfs-superblock.ts'
import fc from '#testing/property.ts'
import { findTool, requireTool, runTool } from '../os/run-tool.ts'
import { squashfsDecompressors } from './decompressors.ts'

const KERNEL = Buffer.alloc(300_000, 'kernel ')

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-squash-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A tree with a crowded directory, so that listings and inodes run over several metadata blocks. */
async function tree(
  folder: string,
  { crowd = 20, links = false, initrd = true, kernel = KERNEL as Uint8Array | null } = {},
) {
  const root = join(folder, 'root')
  await mkdir(join(root, 'boot/vendor'), { recursive: true })
  await mkdir(join(root, 'crowd'))
  await Promise.all(
    Array.from({ length: crowd }, (_, i) => writeFile(join(root, 'crowd', `${i} ${Math.sin(i)}`), `content ${i}`)),
  )
  if (links) {
    await writeFile(join(root, 'boot/vendor/bzImage'), KERNEL)
    await symlink('vendor/../latest', join(root, 'boot/kernel'))
    await symlink('/boot/vendor/./bzImage', join(root, 'boot/latest'))
    await symlink('loop', join(root, 'boot/loop'))
  } else if (kernel) await writeFile(join(root, 'boot/kernel'), kernel)
  if (initrd) await writeFile(join(root, 'boot/initrd'), 'initrd')
  return root
}

async function squash(folder: string, root: string, ...args: string[]): Promise<Uint8Array> {
  const path = join(folder, `image-${args.join('')}`)
  await requireTool('mksquashfs', [root, path, '-noappend', '-quiet', '-no-progress', ...args], { timeoutMs: 120_000 })
  return new Uint8Array(await readFile(path))
}

const readerOf = (bytes: Uint8Array) => async (offset: number, target: Uint8Array) => {
  if (offset + target.length > bytes.length) throw new RangeError('read beyond the end')
  target.set(bytes.subarray(offset, offset + target.length))
}
const SAID = { product: 'demo', version: '1.2.3', counter: 7, hardware: ['HP t640 Thin Client'], disk: null }

for (const compression of ['gzip', 'xz'])
  test(`what a ${compression} image says of itself is read from its bytes, also when it lies in blocks, in a fragment, or behind a link`, async (t) => {
    if (!(await findTool('mksquashfs'))) return t.skip('needs mksquashfs')
    const folder = await scratch(t)
    const root = await tree(folder)
    await mkdir(join(root, 'etc/twinslot'), { recursive: true })
    const file = join(root, 'etc/twinslot/image.json')
    const text = Buffer.from(encodeImageFacts(SAID)).toString()
    const facts = async (content: string, ...args: string[]) => {
      await writeFile(file, content)
      const report = await check(await squash(folder, root, '-comp', compression, ...args))
      return report.findings.length > 0 ? report.findings.map(({ code }) => code) : report.facts
    }
    assert.deepEqual(await facts(text), SAID)
    assert.deepEqual(await facts(text, '-no-fragments', '-b', '4096'), SAID)
    // Twenty blocks and a fragment, with a run of zeroes in no block at all.
    const long = text.replace('{', `{${' '.repeat(21_000)}`)
    assert.deepEqual(await facts(long, '-b', '4096', '-always-use-fragments'), SAID)
    assert.deepEqual(await facts(text, '-noI', '-noD', '-noF'), SAID)
    assert.deepEqual(await facts('{}'), ['image.bad-facts'])
    assert.deepEqual(await facts(`${text}x`), ['image.bad-facts'])
    assert.deepEqual(await facts(text.replace('demo', 'de mo')), ['image.bad-facts'])
    assert.deepEqual(await facts(' '.repeat(70_000)), ['image.bad-facts'])
    await rm(file)
    await writeFile(join(root, 'said'), text)
    await symlink('/said', file)
    assert.deepEqual((await check(await squash(folder, root, '-comp', compression, '-nopad'))).facts, SAID)
  })

const check = (bytes: Uint8Array) => checkSlotImage(readerOf(bytes), bytes.length, squashfsDecompressors)
const codes = (report: SlotImageCheck): ErrorCode[] => report.findings.map(({ code }) => code)

async function lacksMksquashfs(t: TestContext): Promise<boolean> {
  if (await findTool('mksquashfs')) return false
  t.skip('needs mksquashfs')
  return true
}

for (const compression of ['gzip', 'xz'])
  test(`kernel and initrd are found in a squashfs packed with ${compression}, also behind symbolic links`, async (t) => {
    if (await lacksMksquashfs(t)) return
    for (const links of [false, true]) {
      const folder = await scratch(t)
      const root = await tree(folder, { links, crowd: 1200 })
      const image = await squash(folder, root, '-comp', compression)
      const { used, ...report } = await check(image)
      assert.deepEqual(report, { kind: 'squashfs', compression, kernel: 'present', findings: [] })
      assert.ok(used !== undefined && used <= image.length && image.length - used < 4096)
      const superblock = decodeSuperblock(image, image.length)
      assert.ok(superblock)
      const { lookup } = openSquashfs(readerOf(image), superblock, squashfsDecompressors)
      assert.deepEqual(await lookup('/boot/kernel'), { type: 'file', size: KERNEL.length })
      assert.deepEqual(await lookup(`crowd/700 ${Math.sin(700)}`), { type: 'file', size: 11 })
      assert.deepEqual(await lookup('/boot'), { type: 'directory', size: 0 })
      assert.equal(await lookup('/boot/kernel/x'), null)
      assert.equal(await lookup('/nothing'), null)
      if (links) await assert.rejects(lookup('/boot/loop'), (error) => isEngineError(error, 'image.damaged'))
    }
  })

test('an image without compressed metadata is read as well', async (t) => {
  if (await lacksMksquashfs(t)) return
  const folder = await scratch(t)
  const image = await squash(folder, await tree(folder), '-noI', '-noD', '-noF')
  assert.equal((await check(image)).kernel, 'present')
})

test('a compression that the boot loader cannot read is refused, one that only we cannot read is not', async (t) => {
  if (await lacksMksquashfs(t)) return
  const folder = await scratch(t)
  const root = await tree(folder)
  for (const compression of ['zstd', 'lz4', 'lzo']) {
    const report = await check(await squash(folder, root, '-comp', compression))
    assert.deepEqual(codes(report), compression === 'lzo' ? [] : ['image.compression-unreadable'])
    assert.equal(report.kernel, 'unchecked')
  }
})

test('a missing or empty kernel or initrd is refused by path', async (t) => {
  if (await lacksMksquashfs(t)) return
  const without = async (change: Parameters<typeof tree>[1]) => {
    const folder = await scratch(t)
    return codes(await check(await squash(folder, await tree(folder, change))))
  }
  assert.deepEqual(await without({ kernel: null }), ['image.no-kernel'])
  assert.deepEqual(await without({ kernel: new Uint8Array(0) }), ['image.no-kernel'])
  assert.deepEqual(await without({ initrd: false }), ['image.no-initrd'])
})

test('cut, foreign and empty images are told apart', async (t) => {
  assert.deepEqual(codes(await check(new Uint8Array(0))), ['image.truncated'])
  const iso = new Uint8Array(40_000)
  iso.set(Buffer.from('CD001'), 32769)
  assert.deepEqual(codes(await check(iso)), ['image.not-squashfs'])
  if (await lacksMksquashfs(t)) return
  const folder = await scratch(t)
  const image = await squash(folder, await tree(folder, { crowd: 200 }))
  assert.deepEqual(codes(await check(image.subarray(0, Math.floor(image.length / 2)))), ['image.truncated'])
  const hurt = image.slice()
  const { inodeTable } = decodeSuperblock(image, image.length) ?? { inodeTable: 0 }
  hurt.fill(0xaa, inodeTable + 2, inodeTable + 200)
  assert.deepEqual(codes(await check(hurt)), ['image.damaged'])
})

test('an ext4 slot is recognised and its kernel left unchecked', async (t) => {
  const folder = await scratch(t)
  const path = join(folder, 'ext4')
  await writeFile(path, new Uint8Array(8 * 1024 * 1024))
  if (!(await findTool('mke2fs'))) return t.skip('needs mke2fs')
  await runTool('mke2fs', ['-q', '-F', '-t', 'ext4', path], { timeoutMs: 60_000 })
  const image = new Uint8Array(await readFile(path))
  const used = image.length
  assert.deepEqual(await check(image), { kind: 'ext4', compression: null, used, kernel: 'unchecked', findings: [] })
  assert.deepEqual(codes(await check(image.subarray(0, 4 * 1024 * 1024))), ['image.truncated'])
})

test('mutated and random images give findings, never another failure', async (t) => {
  if (await lacksMksquashfs(t)) return
  const folder = await scratch(t)
  const root = await tree(folder)
  const images: Uint8Array[] = []
  for (const args of [['-comp', 'gzip'], ['-comp', 'xz'], ['-noI']]) images.push(await squash(folder, root, ...args))
  const mutation = fc.record({ back: fc.nat(6000), byte: fc.nat(255), head: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.nat(images.length - 1), fc.array(mutation, { maxLength: 6 }), async (which, mutations) => {
      const hurt = images[which].slice()
      for (const { back, byte, head } of mutations) hurt[head ? back % 96 : Math.max(0, hurt.length - 1 - back)] = byte
      await check(hurt)
    }),
    { numRuns: 1500 },
  )
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.boolean(), async (bytes, signed) => {
      if (signed && bytes.length > 96) {
        bytes.set(Buffer.from('hsqs'))
        bytes.set([4, 0, 0, 0], 28)
        bytes.set([1, 0], 20)
        bytes.set([0, 0, 2, 0], 12)
        bytes.set([17, 0], 22)
      }
      await check(bytes)
    }),
    { numRuns: 1500 },
  )
})
