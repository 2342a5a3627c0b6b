import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { EngineError, type ErrorCode } from '#base/errors.ts'
import { findTool } from '#node/os/run-tool.ts'
import { fatDisk, fatSpec, fsckVfat, inFile, MIB, mtools } from '#testing/fat.ts'
import { sparseBytes } from '#testing/sparse-bytes.ts'
import { buildFat32, openFat } from './fat32.ts'
import { clusterOffset, minimumFat32Size, planGeometry } from './geometry.ts'

const withCode =
  (code: ErrorCode, details: Record<string, unknown> = {}) =>
  (error: unknown) => {
    assert.ok(error instanceof EngineError, String(error))
    assert.equal(error.code, code)
    for (const [name, value] of Object.entries(details)) assert.equal(error.details[name], value)
    return true
  }
const pattern = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7 + (i >> 8)) & 0xff)

const LONG = 'A name that is much longer than eight and three characters, with umlauts äöü and 漢字.config.yaml'
const files = [
  { path: 'EFI/BOOT/BOOTX64.EFI', bytes: pattern(900_001, 1) },
  { path: 'EFI/BOOT/grub.cfg', bytes: utf8('menuentry x {}\n') },
  { path: 'ab_state', bytes: utf8('set active_partition="A"\n') },
  { path: 'grubenv', bytes: pattern(1024, 2) },
  { path: 'EMPTY.TXT', bytes: new Uint8Array(0) },
  { path: LONG, bytes: pattern(513, 3) },
  { path: 'deep/er/and/deeper/still/here/it/is/file', bytes: pattern(4096, 4) },
  { path: `${'x'.repeat(255)}`, bytes: pattern(1, 5) },
]

for (const sectorSize of [512, 1024, 2048, 4096]) {
  test(`a volume with ${sectorSize}-byte sectors is clean for fsck.vfat and read by mtools and by us`, async (t) => {
    const size = Math.max(40 * MIB, minimumFat32Size(sectorSize) + MIB)
    const { disk, volume } = await fatDisk({
      size: size - (size % 4096),
      sectorSize,
      files,
      directories: ['EFI/debian'],
    })
    for (const { path, bytes } of files) assert.deepEqual(await volume.read(path.toUpperCase()), bytes)
    assert.equal(await volume.label(), 'TWIN-ESP')
    for (const tool of ['fsck.vfat', 'mcopy', 'mdir']) if (!(await findTool(tool))) return t.skip(`needs ${tool}`)
    const { code, said } = await fsckVfat(disk)
    assert.equal(code, 0, said)
    assert.doesNotMatch(said, /wrong|differ|bad|lost|dirty|reclaim/i)
    await inFile(disk, async (path) => {
      const { stdout } = await mtools('mdir', path, '-b', '-/', '::')
      for (const file of files) assert.ok(stdout.includes(`::/${file.path}`), file.path)
      assert.equal((await mtools('mtype', path, '::/ab_state')).stdout, 'set active_partition="A"\n')
      assert.match((await mtools('mdir', path, '::')).stdout, /Volume in drive : is TWIN-ESP/)
    })
  })
}

test('the smallest volume per sector size is FAT32 and one sector less is refused with both numbers', async (t) => {
  for (const sectorSize of [512, 4096]) {
    const size = minimumFat32Size(sectorSize)
    const { disk, volume } = await fatDisk({ size, sectorSize })
    assert.ok(volume.geometry.clusters >= 65525)
    const found = size - sectorSize
    assert.throws(
      () => buildFat32(fatSpec({ size: found, sectorSize })),
      withCode('fat.too-small', { needed: size, found }),
    )
    if (!(await findTool('fsck.vfat'))) return t.skip('needs fsck.vfat')
    const { code, said } = await fsckVfat(disk)
    assert.equal(code, 0, said)
  }
})

test('cluster sizes follow the size of the volume and never leave FAT32', () => {
  const sizes: [number, number][] = [
    [34, 512],
    [260, 512],
    [261, 4096],
    [512, 4096],
    [9000, 8192],
    [20_000, 16384],
  ]
  for (const [mib, clusterSize] of [...sizes, [40_000, 32768], [2_000_000, 32768]]) {
    const g = planGeometry(mib * MIB, 512)
    assert.equal(g.clusterSize, clusterSize, `${mib} MiB`)
    assert.ok(g.clusters >= 65525 && g.clusters + 2 <= (g.fatSectors * 512) / 4)
    assert.ok(clusterOffset(g, g.clusters + 2) <= mib * MIB && clusterOffset(g, 2) % 4096 === 0)
  }
})

test('nothing of an old disk shows through: the same volume reads and checks the same over 0xE5 and 0xFF', async () => {
  for (const background of [0xe5, 0xff]) {
    const { volume, disk } = await fatDisk({ files }, background)
    const listed = (await volume.list('', { recursive: true })).filter((entry) => entry.kind === 'file')
    assert.deepEqual(listed.map(({ path }) => path).sort(), files.map(({ path }) => path).sort())
    const free = await volume.freeBytes()
    assert.equal(free, await (await fatDisk({ files })).volume.freeBytes())
    // The tail of a file's last cluster holds no old bytes either.
    const [range] = await volume.extentsOf('ab_state')
    const tail = new Uint8Array(volume.geometry.clusterSize - range.length)
    await disk.read(range.offset + range.length, tail)
    assert.ok(tail.every((byte) => byte === 0))
  }
})

test('the same input gives the same bytes, and files are contiguous', async () => {
  assert.deepEqual(buildFat32(fatSpec({ files })), buildFat32(fatSpec({ files })))
  const { volume } = await fatDisk({ files })
  for (const { path, bytes } of files) assert.equal((await volume.extentsOf(path)).length, bytes.length > 0 ? 1 : 0)
})

test('extents are ascending, disjoint and whole sectors, and do not meet the zero ranges', () => {
  const image = buildFat32(fatSpec({ files }))
  const ranges = [
    ...image.extents.map(({ offset, bytes }) => ({ offset, length: bytes.length })),
    ...image.zeroes,
  ].sort((a, b) => a.offset - b.offset)
  let end = 0
  for (const { offset, length } of ranges) {
    assert.ok(offset >= end && offset % 512 === 0 && length % 512 === 0 && length > 0)
    end = offset + length
  }
  assert.ok(end <= image.size)
})

test('three thousand files with alike long names get unique short names', async (t) => {
  const many = Array.from({ length: 3000 }, (_, i) => ({
    path: `logs/some long prefix ${i}.text`,
    bytes: pattern(3, i),
  }))
  const { disk, volume } = await fatDisk({ files: many, size: 64 * MIB })
  assert.equal((await volume.list('logs')).length, 3000)
  assert.deepEqual(await volume.read('LOGS/Some Long Prefix 2999.text'), pattern(3, 2999))
  if (!(await findTool('fsck.vfat'))) return t.skip('needs fsck.vfat')
  const { code, said } = await fsckVfat(disk)
  assert.equal(code, 0, said)
})

test('what does not fit FAT32 is refused by name', () => {
  const build =
    (...paths: string[]) =>
    () =>
      buildFat32(fatSpec({ files: paths.map((path) => ({ path, bytes: new Uint8Array(1) })) }))
  for (const path of ['a:b', 'x/..', 'dot.', 'space ', 'new\nline', 'quote"', '', '/', 'y'.repeat(256), '\ud800'])
    assert.throws(build(path), withCode('fat.bad-name'))
  assert.throws(() => buildFat32(fatSpec({ label: 'lower' })), withCode('fat.bad-name'))
  assert.throws(build('a/FILE', 'A/file'), withCode('fat.duplicate-name'))
  assert.throws(build('a', 'A/file'), withCode('fat.wrong-kind'))
  const big = [{ path: 'big', bytes: new Uint8Array(34 * MIB) }]
  assert.throws(() => buildFat32(fatSpec({ files: big })), withCode('fat.full'))
  assert.throws(() => buildFat32(fatSpec({ sectorSize: 520 })), withCode('fat.bad-geometry'))
  assert.throws(() => buildFat32(fatSpec({ size: 34 * MIB + 1 })), withCode('fat.bad-geometry'))
  assert.throws(() => buildFat32(fatSpec({ partitionOffset: 100 })), withCode('fat.bad-geometry'))
  const crowd = Array.from({ length: 3300 }, (_, i) => ({ path: `d/${'n'.repeat(240)}${i}`, bytes: new Uint8Array(0) }))
  assert.throws(() => buildFat32(fatSpec({ files: crowd })), withCode('fat.directory-full'))
})

test('a volume is opened only where a FAT32 boot sector is', async () => {
  await assert.rejects(openFat(sparseBytes(MIB), 0, MIB), withCode('fat.not-fat32'))
  await assert.rejects(openFat(sparseBytes(MIB), 0, 100), withCode('fat.not-fat32'))
})
