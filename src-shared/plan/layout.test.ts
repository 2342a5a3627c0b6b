import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GB, MB, MIB } from '#base/bytes.ts'
import { explain, type Finding } from '#base/errors.ts'
import type { Result } from '#base/result.ts'
import { encodeGpt } from '#format/gpt.ts'
import type { Layout, PartitionSpec } from '#model/layout.ts'
import { BUILT_IN_LAYOUTS, builtinLayout, DEFAULT_LAYOUT } from '#model/layouts.ts'
import { TYPE_GUID } from '#model/partition-table.ts'
import fc from '#testing/property.ts'
import { minimumDiskSize, minimumFat32Bytes, resolveLayout } from './layout.ts'

const value = <T>(result: Result<T>): T => {
  if (!result.ok) assert.fail(result.refusals.map((refusal) => explain(refusal).message).join('; '))
  return result.value
}
const refusals = <T>(result: Result<T>): readonly Finding[] =>
  result.ok ? assert.fail('not refused') : result.refusals
const codes = <T>(result: Result<T>) => refusals(result).map(({ code }) => code)

const esp: PartitionSpec = { role: 'esp', name: 'ESP', size: 512 * MB, filesystem: 'fat32' }
const slotA: PartitionSpec = { role: 'slot-a', name: 'SLOT-A', size: 64 * MB, filesystem: 'none' }
const slotB: PartitionSpec = { role: 'slot-b', name: 'SLOT-B', size: 64 * MB, filesystem: 'none' }
const data: PartitionSpec = { role: 'data', name: 'DATA', size: 'rest', filesystem: 'ext4' }
const layoutOf = (...partitions: PartitionSpec[]): Layout => ({ name: 'test', description: '', partitions })
const big = { size: 16 * GB, sectorSize: 512 }

test('hp-t640 on a 16 GB disk: ESP 512 MB, A and B 2 GB, data in the rest, under the names others expect', () => {
  const { placed, table } = value(resolveLayout(DEFAULT_LAYOUT, big, 'seed'))
  assert.deepEqual(
    placed.map(({ number, name, label, filesystem, mount, typeGuid }) => [
      number,
      name,
      label,
      filesystem,
      mount,
      typeGuid,
    ]),
    [
      [1, 'ESP', 'ESP', 'fat32', '/boot', TYPE_GUID.esp],
      [2, 'SLOT-A', undefined, 'none', undefined, TYPE_GUID.linux],
      [3, 'SLOT-B', undefined, 'none', undefined, TYPE_GUID.linux],
      [4, 'MSP-DATA', 'MSP-DATA', 'ext4', '/var/lib/msp', TYPE_GUID.linux],
    ],
  )
  assert.deepEqual(
    placed.slice(0, 3).map(({ offset, size }) => [offset / MIB, size / MIB]),
    [
      [1, 489],
      [490, 1908],
      [2398, 1908],
    ],
  )
  const end = placed[3].offset + placed[3].size
  assert.ok(16 * GB - end < 2 * MIB && end <= 16 * GB - 33 * 512)
  assert.equal(encodeGpt(table).firstUsableLba, 34)
})

test('hypernet-server has the eight partitions of its specification and fits a 1 TB disk', () => {
  const layout = builtinLayout('hypernet-server')
  assert.ok(layout)
  const { placed } = value(resolveLayout(layout, { size: 1000 * GB, sectorSize: 512 }, 'seed'))
  assert.deepEqual(
    placed.map(({ size, mount, filesystem }) => [Math.floor(size / MB), mount, filesystem]),
    [
      [512, '/boot', 'fat32'],
      [25_000, undefined, 'none'],
      [25_000, undefined, 'none'],
      [2_000, '/config', 'ext4'],
      [200_000, '/data', 'ext4'],
      [500_000, '/media', 'xfs'],
      [100_000, '/logs', 'ext4'],
      [50_000, '/cache', 'ext4'],
    ],
  )
  const small = refusals(resolveLayout(layout, { size: 500 * GB, sectorSize: 512 }, 'seed'))[0]
  assert.equal(small.code, 'layout.disk-too-small')
  assert.match(explain(small).message, /needs 903 GB \(90\d{10} bytes\); the disk has 500 GB \(500000000000 bytes\)/)
  assert.equal(builtinLayout('hp-t740'), null)
})

test('the same seed gives the same GUIDs, another seed others', () => {
  const once = value(resolveLayout(DEFAULT_LAYOUT, big, 'one'))
  assert.deepEqual(value(resolveLayout(DEFAULT_LAYOUT, big, 'one')), once)
  const other = value(resolveLayout(DEFAULT_LAYOUT, big, 'two'))
  const guids = [...once.table.entries, ...other.table.entries].map((entry) => entry.uniqueGuid)
  assert.equal(new Set([...guids, once.diskGuid, other.diskGuid]).size, 10)
})

test('every layout that is resolved is aligned, inside the disk, without overlaps, and encodes to a GPT', () => {
  const size = fc.integer({ min: 16 * MB, max: 4 * GB })
  fc.assert(
    fc.property(
      fc.array(size, { minLength: 3, maxLength: 3 }),
      fc.option(size),
      fc.integer({ min: 600 * MB, max: 20 * GB }),
      fc.constantFrom(512, 4096),
      fc.constantFrom(...Object.values(BUILT_IN_LAYOUTS), null),
      ([a, b, config], rest, diskSize, sectorSize, builtin) => {
        const layout =
          builtin ??
          layoutOf(
            esp,
            { ...slotA, size: a },
            { ...slotB, size: b },
            { ...data, role: 'config', name: 'C', size: config },
            {
              ...data,
              size: rest ?? 'rest',
            },
          )
        const result = resolveLayout(layout, { size: diskSize, sectorSize }, 'seed')
        if (!result.ok) {
          assert.deepEqual(codes(result), ['layout.disk-too-small'])
          assert.ok(diskSize < minimumDiskSize(layout, sectorSize))
          return
        }
        const { placed, table } = result.value
        let end = MIB
        for (const part of placed) {
          assert.equal(part.offset, end)
          assert.equal(part.offset % MIB, 0)
          assert.equal(part.size % sectorSize, 0)
          const asked = layout.partitions[part.number - 1].size
          if (asked !== 'rest') assert.ok(part.size >= asked && part.size < asked + MIB)
          end += part.size
        }
        const gpt = encodeGpt(table)
        assert.ok(end <= gpt.backupEntries.offset)
      },
    ),
    { numRuns: 200 },
  )
})

test('a disk of exactly the needed size is enough, one sector less is not', () => {
  for (const sectorSize of [512, 4096]) {
    const layout = layoutOf(esp, slotA, slotB, data)
    const size = minimumDiskSize(layout, sectorSize)
    encodeGpt(value(resolveLayout(layout, { size, sectorSize }, 's')).table)
    assert.deepEqual(codes(resolveLayout(layout, { size: size - sectorSize, sectorSize }, 's')), [
      'layout.disk-too-small',
    ])
  }
})

test('an ESP too small for FAT32 is refused, and 4096-byte sectors need more', () => {
  assert.ok(minimumFat32Bytes(512) < 36 * MB && minimumFat32Bytes(4096) > 268 * MB)
  const layout = layoutOf({ ...esp, size: 100 * MB }, slotA, slotB, data)
  value(resolveLayout(layout, big, 's'))
  assert.deepEqual(codes(resolveLayout(layout, { ...big, sectorSize: 4096 }, 's')), ['layout.size-too-small'])
  const tiny = layoutOf({ ...esp, size: 30 * MB }, slotA, slotB, data)
  assert.deepEqual(codes(resolveLayout(tiny, big, 's')), ['layout.size-too-small'])
})

test('sectors of other sizes are refused', () =>
  assert.deepEqual(codes(resolveLayout(DEFAULT_LAYOUT, { ...big, sectorSize: 520 }, 's')), ['disk.sector-size']))

test('layouts that cannot work are refused with the rule they break', () => {
  const cases: [string, string, PartitionSpec[]][] = [
    ['no slot B', 'layout.role-count', [esp, slotA]],
    ['two data partitions', 'layout.role-count', [esp, slotA, slotB, { ...data, size: GB }, { ...data, name: 'D2' }]],
    ['slot B before slot A', 'layout.order', [esp, slotB, slotA]],
    [
      'rest in the middle',
      'layout.rest-not-last',
      [esp, slotA, slotB, data, { ...data, role: 'logs', name: 'L', size: GB }],
    ],
    ['xfs of 200 MB', 'layout.size-too-small', [esp, slotA, slotB, { ...data, filesystem: 'xfs', size: 200 * MB }]],
    ['ESP in ext4', 'layout.filesystem', [{ ...esp, filesystem: 'ext4' }, slotA, slotB]],
    ['slot with a file system', 'layout.filesystem', [esp, { ...slotA, filesystem: 'ext4' }, slotB]],
    ['encrypted ESP', 'layout.encryption', [{ ...esp, encryption: 'luks2' }, slotA, slotB]],
    ['name of 37 units', 'layout.name-invalid', [esp, slotA, slotB, { ...data, name: 'x'.repeat(37) }]],
    ['name of 19 pairs', 'layout.name-invalid', [esp, slotA, slotB, { ...data, name: '😀'.repeat(19) }]],
    ['empty name', 'layout.name-invalid', [esp, slotA, slotB, { ...data, name: '' }]],
    ['name with a line break', 'layout.name-invalid', [esp, slotA, slotB, { ...data, name: 'a\nb' }]],
    ['same name twice', 'layout.name-invalid', [esp, slotA, slotB, { ...data, name: 'SLOT-A' }]],
    ['FAT label of 12', 'layout.label-invalid', [{ ...esp, label: 'TWELVE-CHARS' }, slotA, slotB]],
    ['FAT label in lower case', 'layout.label-invalid', [{ ...esp, label: 'esp' }, slotA, slotB]],
    ['ext4 label of 17', 'layout.label-invalid', [esp, slotA, slotB, { ...data, label: 'a'.repeat(17) }]],
    ['label without file system', 'layout.label-invalid', [esp, { ...slotA, label: 'A' }, slotB]],
    ['relative mount point', 'layout.mount-invalid', [esp, slotA, slotB, { ...data, mount: 'data' }]],
    ['mount point with ..', 'layout.mount-invalid', [esp, slotA, slotB, { ...data, mount: '/data/../etc' }]],
    [
      'same mount point twice',
      'layout.mount-invalid',
      [{ ...esp, mount: '/x' }, slotA, slotB, { ...data, mount: '/x' }],
    ],
  ]
  for (const [name, code, partitions] of cases) {
    const found = codes(resolveLayout(layoutOf(...partitions), big, 's'))
    assert.deepEqual([...new Set(found)], [code], name)
  }
})
test('an encrypted partition gets the LUKS type', () => {
  const { placed } = value(resolveLayout(layoutOf(esp, slotA, slotB, { ...data, encryption: 'luks2' }), big, 's'))
  assert.equal(placed[3].typeGuid, TYPE_GUID.luks)
})
