// Whatever a disk does with addresses behind its true end, and wherever that end is: marks show it, for a few megabytes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GIB, MIB } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import fc from '#testing/property.ts'
import { diskMarks, markPlaces, strideOf } from './disk-marks.ts'
import type { BlockDevice } from './ports.ts'

const SECTOR = 512
const NONCE = new Uint8Array(16).fill(7)
const quiet = { signal: new AbortController().signal, onProgress: () => {} }

/** Where a sector of a disk that claims `size` really is; null where nothing is kept. */
type Forgery = (sector: number, real: number, size: number) => number | null

const FORGERIES: Readonly<Record<string, Forgery>> = {
  'begins anew at the start': (sector, real) => sector % real,
  'puts what is behind its end into its last sector': (sector, real) => Math.min(sector, real - 1),
  'keeps nothing behind its end': (sector, real) => (sector < real ? sector : null),
  'repeats its second half': (sector, real) =>
    sector < real ? sector : Math.floor(real / 2) + ((sector - real) % Math.ceil(real / 2)),
  'shows its end once more, backwards': (sector, real) =>
    sector < real ? sector : (2 * real - 1 - sector + real) % real,
}

/** Sectors are kept one by one; what is not kept reads as zero. */
function forgedDisk(size: number, real: number, forgery: Forgery): BlockDevice {
  const kept = new Map<number, Uint8Array>()
  const place = (offset: number): number | null => forgery(offset / SECTOR, real / SECTOR, size / SECTOR)
  return {
    ...memoryDisk({ size }),
    async read(offset, target) {
      for (let at = 0; at < target.length; at += SECTOR) {
        const found = place(offset + at)
        const bytes = found === null ? undefined : kept.get(found)
        if (bytes) target.set(bytes, at)
        else target.fill(0, at, at + SECTOR)
      }
    },
    async write(offset, data) {
      for (let at = 0; at < data.length; at += SECTOR) {
        const found = place(offset + at)
        if (found !== null) kept.set(found, data.slice(at, at + SECTOR))
      }
    },
  }
}

/** What is hidden comes out in the midst of the disk: where, only marks as far apart as it is long would tell. */
const strays = (kind: string, size: number, real: number): boolean =>
  kind === 'repeats its second half' && size - real < strideOf(size) + 4096

async function lossOn(device: BlockDevice): Promise<string | null> {
  const marks = diskMarks(device, NONCE)
  await marks.place(quiet)
  try {
    await marks.check(quiet)
    return null
  } catch (error) {
    if (!isEngineError(error)) throw error
    return error.code
  }
}

const CLAIMED = 16 * GIB
const REAL: Readonly<Record<string, number>> = {
  '1 GiB': GIB,
  '1.5 GiB and a sector': 1.5 * GIB + SECTOR,
  '2 GiB': 2 * GIB,
  '4.5 GiB': 4.5 * GIB,
  '6 GiB': 6 * GIB,
  '8 GiB': 8 * GIB,
  '12 GB': 12e9,
  'a megabyte less than it claims': CLAIMED - MIB,
  'a sector less than it claims': CLAIMED - SECTOR,
}

for (const [what, forgery] of Object.entries(FORGERIES))
  test(`a disk of 16 GiB that ${what} is found out, whatever its real size`, async () => {
    for (const [name, real] of Object.entries(REAL).filter(([, real]) => !strays(what, CLAIMED, real)))
      assert.equal(await lossOn(forgedDisk(CLAIMED, real, forgery)), 'write.lost-afterwards', name)
  })

test('any real size of any claim, to the sector, is found out', async () => {
  const disks = fc.integer({ min: 12 * MIB, max: 600 * MIB }).chain((bytes) => {
    const sectors = Math.floor(bytes / SECTOR)
    return fc.record({ sectors: fc.constant(sectors), real: fc.integer({ min: MIB / SECTOR, max: sectors - 1 }) })
  })
  await fc.assert(
    fc.asyncProperty(disks, fc.constantFrom(...Object.keys(FORGERIES)), async ({ sectors, real }, kind) => {
      fc.pre(!strays(kind, sectors * SECTOR, real * SECTOR))
      const device = forgedDisk(sectors * SECTOR, real * SECTOR, FORGERIES[kind])
      assert.equal(await lossOn(device), 'write.lost-afterwards')
    }),
    { numRuns: 60 },
  )
})

test('a range that keeps nothing is found out when it is as long as the distance of two marks', async () => {
  const size = 300 * MIB
  const length = strideOf(size) + 4096
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: (size - length) / SECTOR }), async (from) => {
      const lost: Forgery = (sector) => (sector >= from && sector < from + length / SECTOR ? null : sector)
      assert.equal(await lossOn(forgedDisk(size, size, lost)), 'write.lost-afterwards')
    }),
    { numRuns: 40 },
  )
})

test('an honest disk passes, with the same bytes read as written: a few megabytes', async () => {
  for (const size of [12 * MIB, 8e9, 16 * GIB, 2e12 - (2e12 % SECTOR)]) {
    const bytes = markPlaces(size).reduce((sum, { length }) => sum + length, 0)
    assert.ok(bytes <= 3 * strideOf(size), `${bytes} of ${size}`)
    assert.equal(markPlaces(size).at(-1)!.offset + markPlaces(size).at(-1)!.length, size)
  }
  assert.ok(markPlaces(16 * GIB).reduce((sum, { length }) => sum + length, 0) < 20e6)
  assert.equal(await lossOn(memoryDisk({ size: 40 * MIB })), null)
  assert.equal(await lossOn(memoryDisk({ size: 40 * MIB + 4096, sectorSize: 4096 })), null)
})

test('what is written over a mark is none any more, and what wraps onto one is seen when the rest is written', async () => {
  const size = 64 * MIB
  const inner = memoryDisk({ size })
  let wraps = false
  const late: BlockDevice = {
    ...inner,
    write: (offset, data) => inner.write(wraps ? offset % (40 * MIB) : offset, data),
  }
  const marks = diskMarks(late, NONCE)
  await marks.place(quiet)
  const all = marks.bytes
  await marks.device.write(2 * MIB + 512, new Uint8Array(512))
  await marks.device.zero(10 * MIB, MIB)
  assert.ok(marks.bytes <= all - 8192 && marks.bytes > all - MIB)
  await marks.check(quiet)
  wraps = true
  await marks.device.write(42 * MIB, new Uint8Array(512))
  await marks.check(quiet)
  await marks.device.write(43 * MIB, new Uint8Array(512).fill(1))
  await assert.rejects(marks.check(quiet), (error) => {
    assert.ok(isEngineError(error))
    assert.deepEqual(error.details, {
      place: `byte ${3 * MIB}`,
      expected: 'the mark of this job',
      found: 'other bytes',
    })
    return true
  })
})

test('what was put elsewhere is told by its place, and what that says of the size', async () => {
  const marks = diskMarks(forgedDisk(64 * MIB, 40 * MIB, FORGERIES['begins anew at the start']), NONCE)
  await marks.place(quiet)
  await assert.rejects(marks.check(quiet), (error) => {
    assert.ok(isEngineError(error))
    assert.match(String(error.details.found), /^what was written at byte \d+, so it may have no more than 41\.9 MB$/)
    return true
  })
})

test('marks of an earlier job are none of this one', async () => {
  const disk = memoryDisk({ size: 40 * MIB })
  await diskMarks(disk, NONCE).place(quiet)
  const keepsNothing: BlockDevice = { ...disk, write: async () => {} }
  const marks = diskMarks(keepsNothing, new Uint8Array(16).fill(8))
  await marks.place(quiet)
  await assert.rejects(marks.check(quiet), { code: 'write.lost-afterwards' })
})

test('marks can be cancelled, and cleared', async () => {
  const disk = memoryDisk({ size: 40 * MIB })
  const stop = new AbortController()
  const marks = diskMarks(disk, NONCE)
  await assert.rejects(marks.place({ signal: stop.signal, onProgress: () => stop.abort() }), { code: 'job.cancelled' })
  await marks.place(quiet)
  await marks.clear(quiet)
  assert.equal(marks.bytes, 0)
  assert.ok(disk.peek(0, 40 * MIB).every((byte) => byte === 0))
})
