// Making bundles: what goes in comes out, the same inputs give the same bytes, foreign tools read what is inside.
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { type ErrorCode, explain, isEngineError } from '#base/errors.ts'
import { zeroesOfBlock } from '#format/image-layout.ts'
import { openReleaseBench, type ReleaseBench, sampleImageBytes } from '#testing/release-bench.ts'
import { inlineCodec } from '../codec/block-codec.ts'
import { sha256Hex } from '../codec/hashing.ts'
import { findTool, requireTool } from '../os/run-tool.ts'
import { checkContent } from './content-check.ts'
import { parseExpires } from './create-release.ts'
import { openRelease } from './open-release.ts'
import { signImage } from './sign-image.ts'
import { showRelease, verifyRelease } from './verify-release.ts'

let bench: ReleaseBench
before(async () => {
  bench = await openReleaseBench()
})
after(async () => {
  await bench[Symbol.asyncDispose]()
})

const verify = (name: string) => verifyRelease(bench.at(name), bench.trusted, { now: bench.now })
const isCode = (code: ErrorCode) => (error: unknown) => {
  if (!isEngineError(error, code)) assert.fail(`${code} expected, not ${error}`)
  assert.doesNotMatch(Object.values(explain(error)).join(), /[{}]/)
  return true
}

for (const compression of ['none', 'zstd', 'gzip'] as const)
  test(`a bundle with ${compression} holds every byte and its zero runs are not stored`, async () => {
    const made = await bench.create(`${compression}.twinslot`, { compression })
    const report = await verify(`${compression}.twinslot`)
    assert.equal(report.digest, made.digest)
    assert.equal(report.signer.fingerprint, bench.key.fingerprint)
    const plain = sampleImageBytes()
    const [image] = report.manifest?.images ?? []
    assert.equal(image.sha256, sha256Hex(plain))
    assert.deepEqual(image.zeroRuns, [
      [131072, 65536 + 8192],
      [3 * 65536 + 12288, 65536 - 12288],
    ])
    assert.equal(image.stored[2], 0)
    assert.equal((await stat(made.path)).size, made.size)
    assert.deepEqual(
      (await readdir(bench.folder)).filter((name) => name.endsWith('.part')),
      [],
    )
  })

test('an uncompressed block is found where the image source says, and zstd reads a stored block as a plain frame', async (t) => {
  await bench.create('zstd.twinslot', { compression: 'zstd' })
  await using release = await openRelease(bench.at('zstd.twinslot'), bench.trusted, { now: bench.now })
  const source = release.image('system')
  const { offset, length } = source.stored(1)
  const stored = (await readFile(release.path)).subarray(offset, offset + length)
  if (!(await findTool('zstd'))) return t.skip('needs zstd')
  await writeFile(bench.at('block.zst'), stored)
  await requireTool('zstd', ['-q', '-d', '-f', bench.at('block.zst')], { timeoutMs: 10_000 })
  assert.equal(sha256Hex(await readFile(bench.at('block'))), source.table.blocks[1])
})

test('the same inputs, key and time give the same bytes', async () => {
  await bench.create('one.twinslot', { boot: bench.at('boot') })
  await bench.create('two.twinslot', { boot: bench.at('boot') })
  assert.deepEqual(await readFile(bench.at('one.twinslot')), await readFile(bench.at('two.twinslot')))
})

test('compressed images are unpacked, whatever their names', async (t) => {
  const plain = sampleImageBytes()
  const { digest } = await bench.create('plain.twinslot')
  await writeFile(bench.at('x.raw'), gzipSync(plain))
  await writeFile(bench.at('x.zst'), zstdCompressSync(plain))
  await writeFile(bench.at('x'), plain)
  const inputs = ['x.raw', 'x.zst']
  if (await findTool('xz')) {
    await requireTool('xz', ['-k', '-f', bench.at('x')], { timeoutMs: 20_000 })
    inputs.push('x.xz')
  } else t.diagnostic('xz is missing: its part was left out')
  for (const name of inputs) {
    const made = await bench.create('out.twinslot', { system: bench.at(name) })
    assert.equal(made.digest, digest, name)
    const whole = await readFile(bench.at(name))
    await writeFile(bench.at('cut'), whole.subarray(0, whole.length - 20))
    await assert.rejects(bench.create('cut.twinslot', { system: bench.at('cut') }), isCode('release.input-damaged'))
    await assert.rejects(stat(bench.at('cut.twinslot')))
  }
})

test('a folder of boot files becomes a FAT32 image that fsck.vfat and mtools accept', async (t) => {
  await bench.create('boot.twinslot', { boot: bench.at('boot'), compression: 'none' })
  const report = await verify('boot.twinslot')
  assert.deepEqual(
    report.images.map(({ role }) => role),
    ['esp', 'system'],
  )
  const [esp] = report.manifest?.images ?? []
  assert.equal(esp.size, 64 * 1024 * 1024)
  const again = await bench.create('again.twinslot', { boot: bench.at('boot'), compression: 'zstd' })
  assert.equal(again.manifest.images[0].sha256, esp.sha256)
  if (!(await findTool('fsck.vfat')) || !(await findTool('mtype'))) return t.skip('needs fsck.vfat and mtools')
  await using release = await openRelease(bench.at('boot.twinslot'), bench.trusted, { now: bench.now })
  const image = Buffer.alloc(esp.size)
  const bundle = await readFile(release.path)
  const source = release.image('esp')
  for (const index of source.table.blocks.keys()) {
    const { offset, length } = source.stored(index)
    const at = index * source.table.blockSize
    const target = image.subarray(at, at + source.table.blockSize)
    const stored = bundle.subarray(offset, offset + length)
    await inlineCodec.unpack({ stored, compression: 'none', zeroes: zeroesOfBlock(source.table, index) }, target)
  }
  assert.equal(sha256Hex(image), esp.sha256)
  await writeFile(bench.at('esp.img'), image)
  await requireTool('fsck.vfat', ['-n', bench.at('esp.img')], { timeoutMs: 20_000 })
  const { stdout } = await requireTool('mtype', ['-i', bench.at('esp.img'), '::/a rather long name.cfg'], {
    timeoutMs: 20_000,
  })
  assert.equal(stdout, 'set timeout=3\n')
  const fromImage = await bench.create('img.twinslot', { boot: bench.at('esp.img') })
  assert.equal(fromImage.manifest.images[0].sha256, esp.sha256)
})

test('what cannot be the boot files is refused and leaves no file', async () => {
  await mkdir(bench.at('empty'), { recursive: true })
  await mkdir(bench.at('links'), { recursive: true })
  await symlink('/etc/passwd', bench.at('links/passwd'))
  const cases: readonly (readonly [string, ErrorCode])[] = [
    [bench.at('x.img'), 'fat.not-fat32'],
    [bench.at('empty'), 'release.bad-option'],
    [bench.at('links'), 'release.bad-option'],
    [bench.at('nowhere'), 'release.not-found'],
  ]
  for (const [boot, code] of cases) {
    await assert.rejects(bench.create('bad.twinslot', { boot }), isCode(code))
    await assert.rejects(stat(bench.at('bad.twinslot')))
  }
  assert.deepEqual(
    (await readdir(bench.folder)).filter((name) => name.endsWith('.part')),
    [],
  )
})

test('wrong words, dates and inputs are refused before the work begins', async () => {
  await writeFile(bench.at('nothing.img'), '')
  const cases: readonly (readonly [Parameters<ReleaseBench['create']>[1], ErrorCode])[] = [
    [{ version: 'one two' }, 'release.bad-option'],
    [{ product: '../etc' }, 'release.bad-option'],
    [{ counter: -1 }, 'release.bad-option'],
    [{ expires: '2020-01-01' }, 'release.bad-option'],
    [{ expires: 'tomorrow' }, 'release.bad-option'],
    [{ hardware: ['a', 'a'] }, 'release.bad-option'],
    [{ system: bench.at('nowhere.img') }, 'release.not-found'],
    [{ system: bench.folder }, 'release.not-a-file'],
    [{ system: bench.at('nothing.img') }, 'release.empty'],
    [{ out: bench.at('no/such/folder/x') }, 'release.output-failed'],
    [{ created: new Date('2020-01-01T00:00:00Z') }, 'release.signing-key'],
    [{ signal: AbortSignal.abort() }, 'job.cancelled'],
  ]
  for (const [changes, code] of cases) await assert.rejects(bench.create('bad.twinslot', changes), isCode(code))
  assert.equal(parseExpires('2027-01-31'), '2027-01-31T23:59:59Z')
  assert.equal(parseExpires('2027-01-31T12:00:00Z'), '2027-01-31T12:00:00Z')
})

test('an older file of the same name stays when making a new one fails, and is replaced only on wish', async () => {
  await bench.create('kept.twinslot')
  const before = await readFile(bench.at('kept.twinslot'))
  await assert.rejects(bench.create('kept.twinslot', { system: bench.at('nowhere') }), isCode('release.not-found'))
  await assert.rejects(bench.create('kept.twinslot', { replace: false }), isCode('cli.file-exists'))
  assert.deepEqual(await readFile(bench.at('kept.twinslot')), before)
})

test('show tells what a release claims and that nothing was authenticated', async () => {
  const made = await bench.create('show.twinslot', { hardware: ['HP t640 Thin Client'], expires: '2027-01-31' })
  const claims = await showRelease(made.path)
  assert.equal(claims.authenticated, false)
  assert.equal(claims.kind, 'bundle')
  if (claims.kind === 'bundle') assert.deepEqual(claims.manifest, made.manifest)
  const triple = await showRelease(bench.at('x.img'))
  assert.deepEqual(triple, {
    kind: 'triple',
    authenticated: false,
    size: sampleImageBytes().length,
    name: 'x.img',
    checksums: null,
    hasSignature: false,
    behind: { used: 339 * 1024, bytes: sampleImageBytes().length - 339 * 1024 },
  })
})

test('progress of verifying counts every plain byte once and ends at the total', async () => {
  await bench.create('progress.twinslot', { boot: bench.at('boot') })
  const seen: number[] = []
  let total = 0
  await verifyRelease(bench.at('progress.twinslot'), bench.trusted, {
    now: bench.now,
    onProgress: (done, all) => {
      seen.push(done)
      total = all
    },
  })
  assert.equal(seen.at(-1), total)
  assert.equal(total, 64 * 1024 * 1024 + sampleImageBytes().length)
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  )
})

test('nothing is signed that no slot can hold: text, an archive, a disk, a cut or damaged file system', async (t) => {
  const refused = async (name: string, bytes: Uint8Array, code: ErrorCode) => {
    await writeFile(bench.at(name), bytes)
    await assert.rejects(bench.create(`${name}.twinslot`, { system: bench.at(name) }), isCode(code))
    await assert.rejects(stat(bench.at(`${name}.twinslot`)))
    await assert.rejects(signImage(bench.at(name), bench.key, { now: bench.now }), isCode(code))
    await assert.rejects(stat(bench.at(`${name}.asc`)))
  }
  const disk = Buffer.alloc(100_000)
  disk.set(Buffer.from('EFI PART'), 512)
  const ext4 = sampleImageBytes()
  await refused('text.img', Buffer.alloc(5000, 'no image '), 'image.not-squashfs')
  await refused('disk.img', disk, 'image.not-squashfs')
  await refused('ext4-cut.img', ext4.subarray(0, ext4.length - 2048), 'image.truncated')
  if (!(await findTool('mksquashfs'))) return t.skip('needs mksquashfs')
  await mkdir(bench.at('root/boot'), { recursive: true })
  await writeFile(bench.at('root/boot/kernel'), Buffer.alloc(9000, 'kernel'))
  await writeFile(bench.at('root/boot/initrd'), 'initrd')
  const args = [bench.at('root'), bench.at('root.img'), '-noappend', '-quiet', '-no-progress']
  await requireTool('mksquashfs', args, { timeoutMs: 60_000 })
  const squash = await readFile(bench.at('root.img'))
  await bench.create('good.twinslot', { system: bench.at('root.img') })
  // Where the superblock says that each table lies; the kernel and GRUB find file contents through them.
  const places = [32, 40, 48, 64, 72, 80, 88].flatMap((field) => [field + 1, field + 2, field + 4])
  for (const at of places) {
    const hurt = Buffer.from(squash)
    hurt[at] ^= 0x5a
    const found = await checkContent(readerOf(hurt), hurt.length)
    assert.ok(found.findings.length > 0, `byte ${at}`)
  }
  const hurt = Buffer.from(squash)
  hurt[82] ^= 0xff
  await refused('hurt.img', hurt, 'image.damaged')
})

const readerOf = (bytes: Uint8Array) => async (offset: number, target: Uint8Array) => {
  target.set(bytes.subarray(offset, offset + target.length))
}
