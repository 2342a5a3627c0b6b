import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { crc32 } from '#base/crc32.ts'
import { isEngineError } from '#base/errors.ts'
import { seededGuid } from '#base/guid.ts'
import { type PartitionEntry, type PartitionTable, TYPE_GUID } from '#model/partition-table.ts'
import { writesInOrder } from '#testing/gpt.ts'
import fc from '#testing/property.ts'
import {
  decodeGpt,
  encodeGpt,
  GPT_EDGE_BYTES,
  type GptReading,
  guessSectorSize,
  repairWrites,
  usableSectors,
} from './gpt.ts'

/** A whole small disk in memory. */
function diskOf(table: PartitionTable): Uint8Array<ArrayBuffer> {
  const disk = new Uint8Array(table.sectors * table.sectorSize)
  for (const { offset, bytes } of writesInOrder(encodeGpt(table))) disk.set(bytes, offset)
  return disk
}

const read = (disk: Uint8Array, sectorSize: number): GptReading =>
  decodeGpt(disk.subarray(0, GPT_EDGE_BYTES), disk.subarray(-GPT_EDGE_BYTES), sectorSize, disk.length / sectorSize)

const entry = (
  number: number,
  firstLba: number,
  lastLba: number,
  more: Partial<PartitionEntry> = {},
): PartitionEntry => ({
  number,
  typeGuid: TYPE_GUID.linux,
  uniqueGuid: seededGuid('test', `partition ${number}`),
  firstLba,
  lastLba,
  attributes: '0',
  name: `part ${number}`,
  ...more,
})

const sample = (sectorSize: number, sectors = 1024): PartitionTable => ({
  diskGuid: seededGuid('test', 'disk'),
  sectorSize,
  sectors,
  entries: [
    entry(1, 40, 99, { typeGuid: TYPE_GUID.esp, name: 'ESP', attributes: '1' }),
    entry(2, 100, 199, { name: 'SLOT-A' }),
    entry(3, 200, 299, { name: 'SLOT-B' }),
    entry(128, 300, 900, { name: 'Daten Ω 😀', attributes: '8000000000000004' }),
  ],
})

/** Changes the header at `lba` and gives it a right checksum again. */
function patchHeader(disk: Uint8Array, sectorSize: number, lba: number, patch: (view: DataView) => void): void {
  const sector = disk.subarray(lba * sectorSize, (lba + 1) * sectorSize)
  const view = new DataView(sector.buffer, sector.byteOffset, sector.length)
  patch(view)
  view.setUint32(16, 0, true)
  view.setUint32(16, crc32(sector.subarray(0, 92)), true)
}

/** Changes an entry on one side and makes both checksums right again. */
function patchEntries(disk: Uint8Array, lba: number, headerLba: number, patch: (entries: DataView) => void): void {
  const entries = disk.subarray(lba * 512, lba * 512 + 16384)
  patch(new DataView(entries.buffer, entries.byteOffset, entries.length))
  patchHeader(disk, 512, headerLba, (view) => view.setUint32(88, crc32(entries), true))
}

const codeOf = (side: GptReading['primary']) => (side === 'ok' ? 'ok' : side.code)

const throwsCode = (run: () => unknown, code: string) =>
  assert.throws(run, (error) => isEngineError(error) && error.code === code)

const arbitraryTable = fc
  .record({
    sectorSize: fc.constantFrom(512, 4096),
    sectors: fc.integer({ min: 70, max: 700 }),
    cuts: fc.uniqueArray(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 2, maxLength: 40 }),
    numbers: fc.uniqueArray(fc.integer({ min: 1, max: 128 }), { minLength: 20, maxLength: 20 }),
    names: fc.array(fc.string({ unit: 'binary', maxLength: 18 }), { minLength: 20, maxLength: 20 }),
    attributes: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  })
  .map(({ sectorSize, sectors, cuts, numbers, names, attributes }): PartitionTable => {
    const { first, last } = usableSectors(sectors, sectorSize)
    const points = [...new Set(cuts.map((cut) => first + (cut % (last - first + 1))))].sort((a, b) => a - b)
    const entries: PartitionEntry[] = []
    for (let i = 0; i + 1 < points.length; i += 2)
      entries.push(
        entry(numbers[entries.length], points[i], points[i + 1], {
          name: names[entries.length].replaceAll('\0', ''),
          attributes: attributes.toString(16),
        }),
      )
    entries.sort((a, b) => a.number - b.number)
    return { diskGuid: seededGuid('test', `${sectors}`), sectorSize, sectors, entries }
  })

describe('gpt codec', () => {
  for (const sectorSize of [512, 4096]) {
    test(`a table with ${sectorSize}-byte sectors comes back as it was written`, () => {
      const table = sample(sectorSize)
      const disk = diskOf(table)
      const reading = read(disk, sectorSize)
      assert.deepEqual(reading.findings, [])
      assert.equal(reading.used, 'primary')
      assert.deepEqual(reading.table, table)
      assert.equal(guessSectorSize(disk), sectorSize)
    })
  }

  test('any table comes back as it was written, from either side', () => {
    fc.assert(
      fc.property(arbitraryTable, fc.boolean(), (table, damage) => {
        const disk = diskOf(table)
        if (damage) disk.fill(0xff, table.sectorSize, table.sectorSize + 92)
        const reading = read(disk, table.sectorSize)
        assert.deepEqual(reading.table, table)
        assert.equal(reading.used, damage ? 'backup' : 'primary')
      }),
      { numRuns: 150 },
    )
  })

  test('the primary header is written last', () => {
    const writes = writesInOrder(encodeGpt(sample(512)))
    assert.equal(writes.at(-1)?.offset, 512)
    const disk = new Uint8Array(1024 * 512)
    for (const { offset, bytes } of writes.slice(0, -1)) disk.set(bytes, offset)
    assert.equal(codeOf(read(disk, 512).primary), 'gpt.no-signature')
  })

  test('the protective MBR covers the disk and stops at what 32 bits can say', () => {
    const huge = encodeGpt({ ...sample(512), sectors: 2 ** 33 })
    assert.deepEqual(
      [...huge.mbr.bytes.subarray(446, 462)],
      [0, 0, 2, 0, 0xee, 255, 255, 255, 1, 0, 0, 0, 255, 255, 255, 255],
    )
    assert.equal(huge.backupHeader.offset, (2 ** 33 - 1) * 512)
  })

  test('an unusable table never becomes bytes', () => {
    const table = sample(512)
    const withEntries =
      (...entries: PartitionEntry[]) =>
      () =>
        encodeGpt({ ...table, entries })
    throwsCode(() => encodeGpt({ ...table, sectors: 66, entries: [] }), 'gpt.disk-too-small')
    throwsCode(withEntries(entry(0, 40, 41)), 'gpt.entry-number')
    throwsCode(withEntries(entry(129, 40, 41)), 'gpt.entry-number')
    throwsCode(withEntries(entry(1, 40, 41), entry(1, 50, 51)), 'gpt.entry-number')
    throwsCode(withEntries(entry(1, 40, 41, { uniqueGuid: 'no' })), 'gpt.entry-guid')
    throwsCode(() => encodeGpt({ ...table, diskGuid: '' }), 'gpt.entry-guid')
    throwsCode(withEntries(entry(1, 40, 41, { name: 'x'.repeat(37) })), 'gpt.entry-name')
    throwsCode(withEntries(entry(1, 33, 41)), 'gpt.entry-out-of-range')
    throwsCode(withEntries(entry(1, 40, 991)), 'gpt.entry-out-of-range')
    throwsCode(withEntries(entry(1, 42, 41)), 'gpt.entry-out-of-range')
    throwsCode(withEntries(entry(1, 40, 50), entry(2, 50, 60)), 'gpt.entry-overlap')
  })
})

describe('gpt damage', () => {
  const cases: [string, (disk: Uint8Array) => void, string, string][] = [
    ['zeroed primary header', (disk) => disk.fill(0, 512, 1024), 'gpt.no-signature', 'ok'],
    ['flipped bit in the primary header', (disk) => (disk[512 + 60] ^= 1), 'gpt.header-crc', 'ok'],
    ['flipped bit in the primary entries', (disk) => (disk[1024 + 60] ^= 1), 'gpt.entries-crc', 'ok'],
    ['flipped bit in the backup entries', (disk) => (disk[disk.length - 512 - 16384] ^= 1), 'ok', 'gpt.entries-crc'],
    ['zeroed backup header', (disk) => disk.fill(0, disk.length - 512), 'ok', 'gpt.no-signature'],
    [
      'wrong revision',
      (disk) => patchHeader(disk, 512, 1, (view) => view.setUint32(8, 0x20000, true)),
      'gpt.header-invalid',
      'ok',
    ],
    [
      'header that claims 4 GiB',
      (disk) => new DataView(disk.buffer).setUint32(512 + 12, 0xffffffff, true),
      'gpt.header-invalid',
      'ok',
    ],
    [
      'header copied to another sector',
      (disk) => disk.copyWithin(disk.length - 512, 512, 1024),
      'ok',
      'gpt.header-invalid',
    ],
    [
      'usable range turned round',
      (disk) => patchHeader(disk, 512, 1, (view) => view.setBigUint64(40, 995n, true)),
      'gpt.header-invalid',
      'ok',
    ],
    [
      'usable range beyond the disk',
      (disk) => patchHeader(disk, 512, 1, (view) => view.setBigUint64(48, 2n ** 63n, true)),
      'gpt.header-invalid',
      'ok',
    ],
    [
      '10^9 entries',
      (disk) => patchHeader(disk, 512, 1, (view) => view.setUint32(80, 1e9, true)),
      'gpt.too-many-entries',
      'ok',
    ],
    [
      'no entries at all',
      (disk) => patchHeader(disk, 512, 1, (view) => view.setUint32(80, 0, true)),
      'gpt.too-many-entries',
      'ok',
    ],
    [
      'entries of 130 bytes',
      (disk) => patchHeader(disk, 512, 1, (view) => view.setUint32(84, 130, true)),
      'gpt.entry-size',
      'ok',
    ],
    [
      'entries of 0 bytes',
      (disk) => patchHeader(disk, 512, 1, (view) => view.setUint32(84, 0, true)),
      'gpt.entry-size',
      'ok',
    ],
    [
      'entry array over the header',
      (disk) => patchHeader(disk, 512, 1, (view) => view.setBigUint64(72, 1n, true)),
      'gpt.entries-elsewhere',
      'ok',
    ],
    [
      'entry array at 2^60',
      (disk) => patchHeader(disk, 512, 1, (view) => view.setBigUint64(72, 2n ** 60n, true)),
      'gpt.entries-elsewhere',
      'ok',
    ],
    [
      'entry beyond the usable range',
      (disk) => patchEntries(disk, 2, 1, (view) => view.setBigUint64(40, 995n, true)),
      'gpt.entry-out-of-range',
      'ok',
    ],
    [
      'entry that ends before it starts',
      (disk) => patchEntries(disk, 2, 1, (view) => view.setBigUint64(40, 39n, true)),
      'gpt.entry-out-of-range',
      'ok',
    ],
    [
      'overlapping entries',
      (disk) => patchEntries(disk, 2, 1, (view) => view.setBigUint64(40, 150n, true)),
      'gpt.entry-overlap',
      'ok',
    ],
    [
      'backup said to be elsewhere',
      (disk) => patchHeader(disk, 512, 1, (view) => view.setBigUint64(32, 1000n, true)),
      'ok',
      'gpt.backup-misplaced',
    ],
    [
      'two intact but different sides',
      (disk) => patchEntries(disk, 2, 1, (view) => view.setBigUint64(40, 98n, true)),
      'ok',
      'gpt.sides-disagree',
    ],
    [
      'another disk GUID in the backup',
      (disk) => patchHeader(disk, 512, 1023, (view) => view.setUint8(56, 0)),
      'ok',
      'gpt.sides-disagree',
    ],
  ]
  for (const [name, damage, primary, backup] of cases)
    test(`${name}: primary ${primary}, backup ${backup}, and the repair makes both whole`, () => {
      const disk = diskOf(sample(512))
      damage(disk)
      const reading = read(disk, 512)
      assert.deepEqual([codeOf(reading.primary), codeOf(reading.backup)], [primary, backup])
      assert.equal(reading.used, primary === 'ok' ? 'primary' : 'backup')
      for (const { offset, bytes } of repairWrites(reading)) disk.set(bytes, offset)
      const again = read(disk, 512)
      assert.deepEqual(again.findings, [])
      assert.deepEqual(again.table, reading.table)
    })

  test('damage on both sides is no table, and not repaired', () => {
    const disk = diskOf(sample(512))
    disk[1024] ^= 1
    disk[disk.length - 10] = 0
    disk.fill(0, disk.length - 512)
    const reading = read(disk, 512)
    assert.equal(reading.table, null)
    throwsCode(() => repairWrites(reading), 'gpt.unrepairable')
  })

  test('a perfect table needs no repair', () => assert.deepEqual(repairWrites(read(diskOf(sample(512)), 512)), []))

  test('a disk that grew gets its backup at the new end and all its sectors', () => {
    for (const sectorSize of [512, 4096]) {
      const disk = new Uint8Array(2000 * sectorSize)
      disk.set(diskOf(sample(sectorSize)))
      const reading = read(disk, sectorSize)
      assert.equal(codeOf(reading.backup), 'gpt.backup-misplaced')
      for (const { offset, bytes } of repairWrites(reading)) disk.set(bytes, offset)
      assert.deepEqual(read(disk, sectorSize).findings, [])
      assert.equal(read(disk, sectorSize).source?.header.lastUsableLba, usableSectors(2000, sectorSize).last)
    }
  })

  test('a disk that was cut shorter than its partitions is no table', () => {
    const reading = read(diskOf(sample(512)).slice(0, 900 * 512), 512)
    assert.equal(codeOf(reading.primary), 'gpt.disk-shrunk')
    assert.equal(reading.table, null)
  })

  test('a lost protective MBR is rebuilt, boot code kept', () => {
    const disk = diskOf(sample(512))
    disk.fill(0, 446, 512)
    disk[3] = 0x90
    const reading = read(disk, 512)
    assert.equal(codeOf(reading.protectiveMbr), 'gpt.mbr-missing')
    for (const { offset, bytes } of repairWrites(reading)) disk.set(bytes, offset)
    assert.deepEqual(read(disk, 512).findings, [])
    assert.equal(disk[3], 0x90)
  })

  test('a real MBR in front of an old GPT wins: the old table is not believed', () => {
    const disk = diskOf(sample(512))
    disk[450] = 0x83
    const reading = read(disk, 512)
    assert.equal(codeOf(reading.protectiveMbr), 'gpt.mbr-foreign')
    assert.equal(reading.table, null)
  })

  test('a hybrid MBR is reported and left alone', () => {
    const disk = diskOf(sample(512))
    disk[466] = 0x0c
    const reading = read(disk, 512)
    assert.equal(codeOf(reading.protectiveMbr), 'gpt.mbr-hybrid')
    assert.deepEqual(reading.table, sample(512))
    assert.deepEqual(repairWrites(reading), [])
  })

  test('an entry array outside the bytes that were read is named, not guessed', () => {
    const big = { ...sample(512, 4096), entries: [entry(1, 2048, 3000)] }
    const disk = diskOf(big)
    patchHeader(disk, 512, 1, (view) => {
      view.setBigUint64(40, 2048n, true)
      view.setBigUint64(72, 1000n, true)
    })
    assert.equal(codeOf(read(disk, 512).primary), 'gpt.entries-elsewhere')
  })

  test('no bytes make the decoder throw', () => {
    const valid = diskOf({ ...sample(512, 300), entries: [entry(1, 40, 99)] })
    const mutation = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 40 * 512 }), fc.boolean(), fc.integer({ min: 0, max: 255 })),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    fc.assert(
      fc.property(mutation, fc.boolean(), (changes, mend) => {
        const disk = valid.slice()
        for (const [at, fromEnd, value] of changes) disk[fromEnd ? disk.length - 1 - at : at] = value
        if (mend)
          for (const lba of [1, 299])
            patchHeader(disk, 512, lba, (view) => view.setUint32(88, crc32(disk.subarray(1024, 1024 + 16384)), true))
        const reading = read(disk, 512)
        try {
          repairWrites(reading)
        } catch (error) {
          assert.ok(isEngineError(error, 'gpt.unrepairable', 'gpt.disk-too-small'), String(error))
        }
      }),
      { numRuns: 1500 },
    )
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3000 }),
        fc.constantFrom(512, 4096),
        fc.integer({ min: 0, max: 2 ** 40 }),
        (bytes, size, sectors) => {
          assert.equal(decodeGpt(bytes, bytes, size, sectors).table, null)
          guessSectorSize(bytes)
        },
      ),
      { numRuns: 500 },
    )
  })
})
