import assert from 'node:assert/strict'
import { chmod, chown, type FileHandle, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { EngineError, type ErrorCode } from '#base/errors.ts'
import { findTool, requireTool, runTool } from '../os/run-tool.ts'
import { type MadeFilesystem, makeFilesystem, missingTools, type NewFilesystem } from './filesystems.ts'

const MIB = 1024 * 1024
const UUID = '5DEECE66-0000-8000-8000-00000000000B'
const withCode = (code: ErrorCode) => (error: unknown) => error instanceof EngineError && error.code === code

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-fstest-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function lacks(t: TestContext, ...tools: string[]): Promise<boolean> {
  for (const tool of tools)
    if (!(await findTool(tool))) {
      t.skip(`needs ${tool}`)
      return true
    }
  return false
}

const request = (change: Partial<NewFilesystem>): NewFilesystem => ({
  kind: 'ext4',
  size: 64 * MIB,
  sectorSize: 512,
  uuid: UUID,
  label: 'DATA',
  time: new Date('2026-11-22T03:04:05Z'),
  ...change,
})

async function garbage(file: FileHandle, from: number, to: number): Promise<void> {
  const old = Buffer.alloc(MIB, 0xff)
  for (let i = 0; i < old.length; i += 7) old[i] = i & 0xff
  for (let at = from; at < to; at += old.length) await file.write(old, 0, Math.min(old.length, to - at), at)
}

/** A disk of old bytes (everywhere, or around what is written when `near`) that received the file system as promised. */
async function deploy(made: MadeFilesystem, size: number, path: string, near: boolean): Promise<void> {
  await using disk = await open(path, 'wx+')
  await disk.truncate(size)
  const ranges = [...made.extents, ...made.zeroes]
  if (near) {
    for (const { offset, length } of ranges)
      await garbage(disk, Math.max(0, offset - MIB), Math.min(size, offset + Math.min(length, 20 * MIB) + MIB))
  } else await garbage(disk, 0, size)
  for (const { offset, length } of made.zeroes)
    for (let at = 0; at < length; at += MIB) {
      const count = Math.min(MIB, length - at)
      if (!near || at <= 21 * MIB) await disk.write(Buffer.alloc(count), 0, count, offset + at)
    }
  for (const { offset, length } of made.extents) {
    const bytes = Buffer.alloc(length)
    await made.read(offset, bytes)
    await disk.write(bytes, 0, length, offset)
  }
}

async function judge(kind: 'ext4' | 'xfs', path: string): Promise<void> {
  const [tool, flag] = kind === 'ext4' ? ['e2fsck', '-fn'] : ['xfs_repair', '-n']
  const { code, stdout, stderr } = await runTool(tool, [flag, path], { timeoutMs: 120_000 })
  assert.equal(code, 0, stdout + stderr)
}

const cases: [NewFilesystem, boolean][] = [
  [request({}), false],
  [request({ size: 300 * MIB + 512 }), false],
  [request({ kind: 'xfs', size: 320 * MIB, label: 'MEDIA' }), false],
  [request({ kind: 'xfs', size: 320 * MIB, sectorSize: 4096 }), false],
  [request({ size: 11_000_000_512 }), true],
  [request({ size: 500_000_000_000 }), true],
  [request({ kind: 'xfs', size: 500_000_000_000 }), true],
]
for (const [wanted, near] of cases)
  test(`${wanted.kind} of ${wanted.size} bytes, sectors of ${wanted.sectorSize}, is sound over old bytes`, async (t) => {
    if (
      await lacks(t, wanted.kind === 'ext4' ? 'mke2fs' : 'mkfs.xfs', wanted.kind === 'ext4' ? 'e2fsck' : 'xfs_repair')
    )
      return
    const path = join(await scratch(t), 'disk')
    await using made = await makeFilesystem(wanted)
    await deploy(made, wanted.size, path, near)
    await judge(wanted.kind, path)
    if (await lacks(t, 'blkid')) return
    const { stdout } = await requireTool('blkid', ['-p', '-o', 'export', path], { timeoutMs: 20_000 })
    assert.match(stdout, new RegExp(`UUID=${UUID.toLowerCase()}`))
    assert.match(stdout, new RegExp(`TYPE=${wanted.kind}`))
    assert.match(stdout, new RegExp(`LABEL=${wanted.label}`))
  })

test('the ranges are ascending, disjoint, and hold the whole journal', async (t) => {
  if (await lacks(t, 'mke2fs', 'debugfs')) return
  await using made = await makeFilesystem(request({ size: 1024 * MIB }))
  const all = [...made.extents, ...made.zeroes].sort((a, b) => a.offset - b.offset)
  all.reduce((end, { offset, length }) => {
    assert.ok(offset >= end && length > 0)
    return offset + length
  }, 0)
  const { stdout } = await requireTool('debugfs', ['-R', 'blocks <8>', made.path], { timeoutMs: 20_000 })
  const blocks = stdout.trim().split(/\s+/).map(Number)
  assert.ok(blocks.length > 1000)
  for (const block of blocks)
    assert.ok(all.some(({ offset, length }) => offset <= block * 4096 && block * 4096 < offset + length))
})

test('files go into ext4 without mounting; all belong to root and carry the given time', async (t) => {
  if (await lacks(t, 'mke2fs', 'debugfs', 'e2fsck')) return
  const folder = await scratch(t)
  const source = join(folder, 'source "with" <odd> name')
  await writeFile(source, 'copied')
  await chmod(source, 0o777)
  if (process.getuid?.() === 0) await chown(source, 1234, 1234)
  const contents = {
    directories: ['config', 'var/lib/x y'],
    files: [
      { path: 'config/secret.yaml', bytes: Buffer.from('s: 1\n'), mode: 0o600 },
      { path: 'config/tls/certificate.pem', copyFrom: source },
      { path: 'config/ümlaut <12> #; file', bytes: new Uint8Array(0) },
      { path: 'config/big', bytes: Buffer.alloc(3 * MIB, 7) },
    ],
  }
  const path = join(folder, 'disk')
  await using made = await makeFilesystem(request(contents))
  await deploy(made, 64 * MIB, path, false)
  await judge('ext4', path)
  const ask = async (question: string) =>
    (await requireTool('debugfs', ['-R', question, path], { timeoutMs: 20_000 })).stdout
  assert.equal(await ask('cat /config/tls/certificate.pem'), 'copied')
  assert.equal(await ask('cat /config/secret.yaml'), 's: 1\n')
  const rows = (await ask('ls -l /config')).split('\n').filter(Boolean)
  assert.equal(rows.length, 6)
  for (const row of rows) assert.match(row, /\(\d\)\s+0\s+0\s+\d+\s+22-Nov-2026 03:04 /)
  assert.match(rows.find((row) => row.endsWith(' secret.yaml')) ?? '', /100600/)
  assert.match(await ask('ls -l /var/lib'), /40755 .* x y/)

  await using again = await makeFilesystem(request(contents))
  assert.deepEqual(again.extents, made.extents)
  for (const { offset, length } of made.extents) {
    const [a, b] = [Buffer.alloc(length), Buffer.alloc(length)]
    await made.read(offset, a)
    await again.read(offset, b)
    assert.ok(a.equals(b), `the bytes at ${offset} differ`)
  }
})

test('folders at the root are made at the root, also after files of another folder', async (t) => {
  if (await lacks(t, 'mke2fs', 'debugfs')) return
  const bytes = Buffer.from('x')
  await using made = await makeFilesystem(
    request({ files: ['a/b/one', 'c/two', 'd/three'].map((path) => ({ path, bytes })) }),
  )
  for (const path of ['/a/b/one', '/c/two', '/d/three']) {
    const { stdout } = await requireTool('debugfs', ['-R', `cat ${path}`, made.path], { timeoutMs: 60_000 })
    assert.equal(stdout, 'x', path)
  }
})

test('what cannot be put in is refused, and nothing is left in the temporary folder', async (t) => {
  if (await lacks(t, 'mke2fs', 'debugfs', 'mkfs.xfs')) return
  const temporaryFolder = await scratch(t)
  const make = (change: Partial<NewFilesystem>) => makeFilesystem(request({ temporaryFolder, ...change }))
  const bytes = new Uint8Array(1)
  for (const path of ['', '../x', 'a/./b', 'say "no"', 'line\nbreak', 'n'.repeat(256)])
    await assert.rejects(make({ files: [{ path, bytes }] }), withCode('filesystem.bad-path'))
  const twice = [
    { path: 'a/b', bytes },
    { path: '/a//b', bytes },
  ]
  await assert.rejects(make({ files: twice }), withCode('filesystem.bad-path'))
  await assert.rejects(make({ files: [{ path: 'hollow' }] }), withCode('filesystem.bad-path'))
  const absent = [{ path: 'a', copyFrom: join(temporaryFolder, 'absent') }]
  await assert.rejects(make({ files: absent }), withCode('filesystem.bad-path'))
  await assert.rejects(make({ kind: 'xfs', files: [{ path: 'a', bytes }] }), withCode('filesystem.no-contents'))
  const tooMuch = [{ path: 'big', bytes: Buffer.alloc(40 * MIB, 1) }]
  await assert.rejects(make({ size: 32 * MIB, files: tooMuch }), withCode('filesystem.contents-failed'))
  await assert.rejects(make({ kind: 'xfs', size: MIB }), withCode('tool.failed'))
  const stopped = AbortSignal.abort()
  await assert.rejects(make({ signal: stopped }), withCode('job.cancelled'))
  assert.deepEqual(await readdir(temporaryFolder), [])
})

test('a program that is missing is named before anything starts', async () => {
  const path = process.env.PATH
  process.env.PATH = '/nonexistent'
  try {
    // /usr/sbin is always asked too; only what is truly absent is named.
    for (const { tool, package: name } of await missingTools(['ext4', 'xfs', 'luks2', 'fat32']))
      assert.match(`${tool} ${name}`, /^(mke2fs|debugfs) e2fsprogs$|^mkfs.xfs xfsprogs$|^cryptsetup cryptsetup-bin$/)
  } finally {
    process.env.PATH = path
  }
  assert.deepEqual(await missingTools(['fat32', 'none']), [])
})
