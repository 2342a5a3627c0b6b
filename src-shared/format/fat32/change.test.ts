import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { equalBytes, utf8 } from '#base/bytes.ts'
import { EngineError, type ErrorCode } from '#base/errors.ts'
import { findTool, requireTool } from '#node/os/run-tool.ts'
import { AT, fatDisk, fsckVfat, inFile, MIB, mtools } from '#testing/fat.ts'
import fc from '#testing/property.ts'
import { type SparseBytes, sparseBytes } from '#testing/sparse-bytes.ts'
import { openFat } from './fat32.ts'

const withCode = (code: ErrorCode) => (error: unknown) => error instanceof EngineError && error.code === code
const pattern = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7 + (i >> 8)) & 0xff)
const SIZE = 34 * MIB

test('files put one by one are read back by us and by mtools, and fsck.vfat stays content', async (t) => {
  const { disk, volume } = await fatDisk()
  await volume.put('ab_state', utf8('set active_partition="A"\n'))
  await volume.put('EFI/BOOT/BOOTX64.EFI', pattern(300_000, 1), new Date('2026-01-02T03:04:06Z'))
  await volume.put('EFI/BOOT/a rather long file name.cfg', pattern(100, 2))
  await volume.put('efi/boot/bootx64.efi', pattern(200_000, 3))
  await volume.put('zero', new Uint8Array(0))
  await volume.put('zero', pattern(5, 9))
  await volume.put('full', pattern(5, 9))
  await volume.put('full', new Uint8Array(0))
  for (let i = 0; i < 60; i++) await volume.put(`many/some long name number ${i}.txt`, pattern(i * 20, i))
  for (let i = 0; i < 60; i += 2) await volume.remove(`many/some long name number ${i}.txt`)
  await volume.put('many/SHORT.TXT', pattern(9, 9))
  assert.deepEqual(await volume.read('EFI/BOOT/BOOTX64.EFI'), pattern(200_000, 3))
  assert.equal((await volume.stat('efi/boot/bootx64.efi'))?.path, 'efi/boot/BOOTX64.EFI')
  assert.equal((await volume.list('many')).length, 31)
  for (const tool of ['fsck.vfat', 'mcopy']) if (!(await findTool(tool))) return t.skip(`needs ${tool}`)
  const { code, said } = await fsckVfat(disk)
  assert.equal(code, 0, said)
  await inFile(disk, async (path) => {
    await mtools('mcopy', path, '::/EFI/BOOT/BOOTX64.EFI', `${path}.out`)
    assert.deepEqual(new Uint8Array(await readFile(`${path}.out`)), pattern(200_000, 3))
  })
})

test('a volume made by mkfs.vfat and filled by mcopy is read and changed', async (t) => {
  for (const tool of ['mkfs.vfat', 'mcopy', 'mmd', 'fsck.vfat'])
    if (!(await findTool(tool))) return t.skip(`needs ${tool}`)
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-mkfs-'))
  t.after(() => rm(folder, { recursive: true }))
  const image = join(folder, 'image')
  const source = join(folder, 'source')
  await requireTool('mkfs.vfat', ['-F', '32', '-n', 'FOREIGN', '-C', image, String(SIZE / 1024)], { timeoutMs: 60_000 })
  await writeFile(source, pattern(70_000, 4))
  await mtools('mmd', image, '::/Some Directory')
  await mtools('mcopy', image, source, '::/Some Directory/lower.txt')
  await mtools('mcopy', image, source, '::/Mixed Case Name.data')
  const disk = sparseBytes(AT + SIZE + MIB)
  disk.fill(AT, await readFile(image))
  const volume = await openFat(disk, AT, SIZE)
  assert.equal(await volume.label(), 'FOREIGN')
  assert.deepEqual((await volume.list('', { recursive: true })).map(({ path }) => path).sort(), [
    'Mixed Case Name.data',
    'Some Directory',
    'Some Directory/lower.txt',
  ])
  assert.deepEqual(await volume.read('some directory/LOWER.TXT'), pattern(70_000, 4))
  await volume.put('Some Directory/lower.txt', pattern(5, 5))
  await volume.put('Some Directory/deeper/new.txt', pattern(6000, 6))
  await volume.remove('Mixed Case Name.data')
  const { code, said } = await fsckVfat(disk)
  assert.equal(code, 0, said)
})

test('overwriting in place writes the data sectors, flushes, and nothing else', async () => {
  const { disk, volume } = await fatDisk({ files: [{ path: 'ab_state', bytes: utf8('set active_partition="A"\n') }] })
  const [range] = await volume.extentsOf('ab_state')
  await volume.overwriteInPlace('AB_STATE', utf8('set active_partition="B"\n'))
  assert.deepEqual(disk.log, [{ offset: range.offset, data: utf8('set active_partition="B"\n') }, 'flush'])
  await assert.rejects(volume.overwriteInPlace('ab_state', utf8('B')), withCode('fat.length-differs'))
})

test('requests that cannot be met are refused with their codes and nothing is written', async () => {
  const { disk, volume } = await fatDisk({ files: [{ path: 'dir/file', bytes: pattern(10, 1) }] })
  await assert.rejects(volume.read('nothing'), withCode('fat.not-found'))
  await assert.rejects(volume.remove('dir/nothing'), withCode('fat.not-found'))
  await assert.rejects(volume.remove('no/where'), withCode('fat.not-found'))
  await assert.rejects(volume.remove('dir'), withCode('fat.not-empty'))
  await assert.rejects(volume.read('dir'), withCode('fat.wrong-kind'))
  await assert.rejects(volume.put('dir', pattern(1, 1)), withCode('fat.wrong-kind'))
  await assert.rejects(volume.put('dir/file/x', pattern(1, 1)), withCode('fat.wrong-kind'))
  await assert.rejects(volume.put('..', pattern(1, 1)), withCode('fat.bad-name'))
  await assert.rejects(volume.put('', pattern(1, 1)), withCode('fat.bad-name'))
  await assert.rejects(volume.put('big', new Uint8Array(SIZE)), withCode('fat.full'))
  await assert.rejects(volume.read('dir/file', { maxBytes: 9 }), withCode('fat.file-too-large'))
  assert.equal(await volume.stat('nothing'), null)
  assert.deepEqual(disk.log, [])
})

test('any sequence of puts and removes leaves what was asked for, and fsck.vfat is content', async (t) => {
  const name = fc.constantFrom(
    'a',
    'B.TXT',
    'a long file name.text',
    'sub/x',
    'sub/another long name',
    'sub/sub/y',
    'Ünïcode',
  )
  const action = fc.record({ name, size: fc.option(fc.integer({ min: 0, max: 3000 }), { freq: 4 }), seed: fc.nat(255) })
  const fsck = await findTool('fsck.vfat')
  let checked = 0
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      const { disk, volume } = await fatDisk({}, 0xe5)
      const expected = new Map<string, Uint8Array>()
      for (const { name, size, seed } of actions) {
        if (size !== null) {
          expected.set(name, pattern(size, seed))
          await volume.put(name, pattern(size, seed))
        } else if (expected.delete(name)) await volume.remove(name)
      }
      const again = await openFat(disk, AT, SIZE)
      const listed = (await again.list('', { recursive: true })).filter(({ kind }) => kind === 'file')
      assert.deepEqual(listed.map(({ path }) => path).sort(), [...expected.keys()].sort())
      for (const [path, bytes] of expected) assert.deepEqual(await again.read(path), bytes)
      if (fsck && checked++ < 15) {
        const clean = sparseBytes(disk.size)
        const bytes = new Uint8Array(SIZE)
        await disk.read(AT, bytes)
        clean.fill(AT, bytes)
        const { code, said } = await fsckVfat(clean)
        assert.equal(code, 0, said)
      }
    }),
    { numRuns: 60 },
  )
  if (!fsck) t.skip('needs fsck.vfat')
})

/** Every prefix of the logged writes; of those not yet flushed also all but one, every second one, and only the last. */
function* crashStates(before: SparseBytes, log: SparseBytes['log']): Generator<SparseBytes> {
  const settled = before.clone()
  let open: { offset: number; data: Uint8Array }[] = []
  yield settled.clone()
  for (const item of log) {
    if (item === 'flush') {
      for (const write of open) settled.fill(write.offset, write.data)
      open = []
      continue
    }
    open.push(item)
    const kept = [
      () => true,
      (i: number) => i % 2 === 0,
      (i: number) => i % 2 === 1,
      (i: number) => i === open.length - 1,
    ]
    for (let left = 0; left < open.length; left++) kept.push((i) => i !== left)
    for (const keep of kept) {
      const state = settled.clone()
      for (const [i, write] of open.entries()) if (keep(i)) state.fill(write.offset, write.data)
      yield state
    }
  }
  for (const write of open) settled.fill(write.offset, write.data)
  yield settled
}

test('a power cut at any moment of put leaves the old or the new file, whole, and every other file untouched', async () => {
  const others = Array.from({ length: 14 }, (_, i) => ({ path: `boot/other file ${i}`, bytes: pattern(700 + i, i) }))
  const cases: [string, Uint8Array | null, Uint8Array][] = [
    ['ab_state', utf8('old'), utf8('the new state')],
    ['boot/kernel image', pattern(9000, 1), pattern(12_000, 2)],
    ['boot/created with a long name that needs several records', null, pattern(3000, 3)],
    ['boot/new directory/and another/file with a long name', null, pattern(1500, 4)],
    ['boot/emptied', pattern(2000, 5), new Uint8Array(0)],
    ['boot/filled', new Uint8Array(0), pattern(2000, 6)],
  ]
  let states = 0
  // A varying number of neighbours moves the new records across sector and cluster borders of the directory.
  for (const [path, old, fresh] of cases)
    for (const count of [0, 1, 2, 3, 5, 7, 14]) {
      const files = [...others.slice(0, count), ...(old ? [{ path, bytes: old }] : [])]
      const { disk, volume } = await fatDisk({ files, directories: ['boot'] }, 0xe5)
      const before = disk.clone()
      await volume.put(path, fresh)
      for (const state of crashStates(before, disk.log)) {
        states++
        const after = await openFat(state, AT, SIZE)
        const found = (await after.stat(path)) ? await after.read(path) : null
        assert.ok(found === null ? old === null : equalBytes(found, fresh) || (old && equalBytes(found, old)), path)
        for (const other of others.slice(0, count)) assert.deepEqual(await after.read(other.path), other.bytes)
        await after.list('', { recursive: true })
      }
      assert.deepEqual(await volume.read(path), fresh)
    }
  assert.ok(states > 500, `${states} states`)
})

test('a power cut at any moment of remove leaves the file whole or gone', async () => {
  const path = 'boot/a file name long enough for three records.txt'
  const files = [
    { path, bytes: pattern(3000, 1) },
    { path: 'boot/other', bytes: pattern(10, 2) },
  ]
  const { disk, volume } = await fatDisk({ files })
  const before = disk.clone()
  await volume.remove(path)
  assert.equal(await volume.stat(path), null)
  for (const state of crashStates(before, disk.log)) {
    const after = await openFat(state, AT, SIZE)
    if (await after.stat(path)) assert.deepEqual(await after.read(path), pattern(3000, 1))
    assert.deepEqual(await after.read('boot/other'), pattern(10, 2))
  }
})
