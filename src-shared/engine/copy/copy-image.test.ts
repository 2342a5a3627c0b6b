import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { inlineCodec as codec } from '#node/codec/block-codec.ts'
import { type Faults, withFaults } from '#testing/faults.ts'
import { packedSource, plainSource, tableOf } from '#testing/image-fixture.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import fc from '#testing/property.ts'
import { seededBytes } from '#testing/random.ts'
import { withRecording } from '#testing/recording.ts'
import type { ImageSource } from '../image-source.ts'
import type { BlockDevice } from '../ports.ts'
import { copyImage, HEAD_BYTES, writeImage } from './copy-image.ts'
import { verifyImage } from './read-back.ts'

const KIB = 1024
const MIB = 1024 * KIB
const AT = MIB
const code = (expected: Parameters<typeof isEngineError>[1]) => (error: unknown) => isEngineError(error, expected)

/** 3 MiB and a bit: a tail that is no whole sector, a long zero run, a short one, and data. */
function sampleImage(seed = 1): Uint8Array {
  const image = seededBytes(3 * MIB + 1000, seed)
  image.fill(0, MIB, 2 * MIB + 512 * KIB)
  image.fill(0, 300 * KIB, 304 * KIB)
  return image
}

const garbage = (size = 8 * MIB) => {
  const disk = memoryDisk({ size })
  disk.pages.write(0, seededBytes(size, 99))
  return disk
}

const write = (source: ImageSource, device: BlockDevice, mode: 'full' | 'changed' = 'full', signal?: AbortSignal) =>
  writeImage({ source, target: { device, offset: AT, length: 5 * MIB }, mode, codec, signal })

const sources: [string, (image: Uint8Array) => ImageSource][] = [
  ['a plain file', (image) => plainSource(image)],
  ['a packed image', (image) => packedSource(image, 'none')],
  ['zstd blocks', (image) => packedSource(image, 'zstd')],
  ['gzip blocks', (image) => packedSource(image, 'gzip')],
]

for (const [name, source] of sources) {
  test(`an image from ${name} arrives byte by byte on a disk full of garbage, and the rest of the disk stays`, async () => {
    const image = sampleImage()
    const disk = garbage()
    const before = disk.peek(0, disk.size)
    const outcome = await write(source(image), disk)
    const expected = Buffer.from(before)
    expected.set(image, AT)
    assert.equal(Buffer.compare(disk.peek(0, disk.size), expected), 0)
    assert.equal(outcome.counts.readBack, image.length, 'every byte was read back')
    assert.equal(outcome.sha256, tableOf(image).sha256)
  })
}

test('an image on a disk with 4096 byte sectors, with blocks smaller and larger than the head', async () => {
  for (const blockSize of [64 * KIB, 256 * KIB, 4 * MIB]) {
    const image = sampleImage()
    const disk = memoryDisk({ size: 8 * MIB, sectorSize: 4096 })
    await write(plainSource(image, tableOf(image, blockSize)), disk)
    assert.equal(Buffer.compare(disk.peek(AT, image.length), image), 0)
  }
})

test('a corrupt block is refused before one byte of it is written, whichever block it is', async () => {
  const image = sampleImage()
  const blocks = tableOf(image).blocks.length
  for (const bad of [0, 7, Math.floor(blocks * 0.9), blocks - 1]) {
    const source = plainSource(image.slice(), tableOf(image))
    const at = bad * 64 * KIB + 17
    source.bytes.bytes[at] ^= 1
    const disk = garbage()
    const before = disk.peek(AT + bad * 64 * KIB, 64 * KIB)
    const place = { device: disk, offset: AT, length: 5 * MIB }
    const [outcome] = await copyImage({ source, targets: [place], mode: 'full', codec })
    assert.ok(!outcome.ok && outcome.error.code === 'write.source-mismatch')
    assert.equal(outcome.error.details.block, bad)
    assert.equal(Buffer.compare(disk.peek(AT + bad * 64 * KIB, 64 * KIB), before), 0, 'the block is as it was')
    if (bad > 0)
      assert.ok(
        disk.peek(AT, 64 * KIB).every((byte) => byte === 0),
        'the slot does not look complete',
      )
  }
})

test('a corrupt first block leaves the whole slot as it was', async () => {
  const image = sampleImage()
  const source = plainSource(image.slice(), tableOf(image))
  source.bytes.bytes[0] ^= 1
  const { device, count } = withRecording(garbage())
  await assert.rejects(write(source, device), code('write.source-mismatch'))
  assert.equal(count.writes + count.zeroedBytes, 0)
})

test('a zero run that the table claims but the digests do not is refused', async () => {
  const image = sampleImage()
  const table = { ...tableOf(image), zeroRuns: [[0, MIB]] as const }
  await assert.rejects(write(plainSource(image, table), garbage()), code('write.source-mismatch'))
})

test('damaged compressed blocks, and ones that expand to more than a block, are refused', async () => {
  const image = sampleImage()
  for (const compression of ['zstd', 'gzip'] as const) {
    const source = packedSource(image, compression)
    const { offset, length } = source.stored(3)
    source.bytes.bytes.fill(0x55, offset, offset + length)
    await assert.rejects(write(source, garbage()), code('write.source-undecodable'))
    const honest = packedSource(image, compression)
    // Block 4 has a hole, so it must expand to less than a block; block 10 expands to a whole one.
    const swollen = { ...honest, stored: (index: number) => honest.stored(index === 4 ? 10 : index) }
    await assert.rejects(write(swollen, garbage()), code('write.source-undecodable'))
    const shrunken = { ...honest, stored: (index: number) => honest.stored(index === 10 ? 4 : index) }
    await assert.rejects(write(shrunken, garbage()), code('write.source-undecodable'))
    const swapped = { ...honest, stored: (index: number) => honest.stored(index === 10 ? 11 : index) }
    await assert.rejects(write(swapped, garbage()), code('write.source-mismatch'))
    const bomb = packedSource(new Uint8Array(4 * MIB).fill(1), compression, {
      table: tableOf(new Uint8Array(4 * MIB).fill(1), 4 * MIB),
    })
    const small = tableOf(image.subarray(0, 64 * KIB))
    await assert.rejects(write({ ...bomb, table: small }, garbage()), code('write.source-undecodable'))
  }
})

test('stored blocks that claim to be far larger than a block are refused before memory is taken', async () => {
  const source = packedSource(sampleImage(), 'zstd')
  const greedy = { ...source, stored: (index: number) => ({ ...source.stored(index), length: 2 ** 40 }) }
  await assert.rejects(write(greedy, garbage()), code('write.source-undecodable'))
})

test('a block table that is too short is refused', async () => {
  const image = sampleImage()
  const table = tableOf(image)
  await assert.rejects(
    write(plainSource(image, { ...table, blocks: table.blocks.slice(0, -1) }), garbage()),
    code('write.source-mismatch'),
  )
})

test('an image larger than its place is refused with both sizes, and nothing is written', async () => {
  const image = sampleImage()
  const { device, count } = withRecording(garbage())
  const target = { device, offset: AT, length: 2 * MIB }
  await assert.rejects(
    writeImage({ source: plainSource(image), target, mode: 'full', codec }),
    (error) =>
      isEngineError(error, 'write.image-too-large') &&
      error.details.imageSize === image.length &&
      error.details.slotSize === 2 * MIB,
  )
  const behindTheEnd = { device, offset: 7 * MIB, length: 5 * MIB }
  await assert.rejects(
    writeImage({ source: plainSource(image), target: behindTheEnd, mode: 'full', codec }),
    code('write.image-too-large'),
  )
  assert.equal(count.writes, 0)
})

test('a disk that flips a bit while writing is found by reading back, and the head stays off', async () => {
  const image = sampleImage()
  for (const place of [200 * KIB, image.length - 1]) {
    const disk = garbage()
    await assert.rejects(
      write(plainSource(image), withFaults(disk, { corruptAt: AT + place })),
      code('write.verify-failed'),
    )
    assert.ok(disk.peek(AT, 64 * KIB).every((byte) => byte === 0))
  }
  await assert.rejects(
    write(plainSource(image), withFaults(garbage(), { corruptAt: AT + 10 })),
    code('write.verify-failed'),
  )
})

test('a fake stick that wraps around is found by reading back', async () => {
  const image = sampleImage()
  const fake = withFaults(memoryDisk({ size: 8 * MIB }), { realSize: 2 * MIB })
  await assert.rejects(write(plainSource(image), fake), code('write.verify-failed'))
})

test('garbage under a zero run that the disk wrongly calls zero is found by reading back', async () => {
  const image = sampleImage()
  const liar: BlockDevice = { ...garbage(), knownZero: async () => true }
  await assert.rejects(write(plainSource(image), liar), code('write.verify-failed'))
})

test('zero runs are skipped on a blank disk, and made zero on a used one', async () => {
  const image = sampleImage()
  const blank = withRecording(memoryDisk({ size: 8 * MIB }))
  const skipped = await write(plainSource(image), blank.device)
  assert.ok(skipped.counts.skipped >= 1.4 * MIB && blank.count.writtenBytes < 1.7 * MIB)
  const used = withRecording(garbage())
  const made = await write(plainSource(image), used.device)
  assert.equal(made.counts.skipped, 0)
  assert.ok(made.counts.zeroed >= 1.4 * MIB && used.count.writtenBytes < 1.7 * MIB)
})

test('the head is zeroed and flushed first, its first sector before the rest, and written last, that sector as the very last', async () => {
  const image = sampleImage()
  const { device, ops } = withRecording(garbage())
  const order: string[] = []
  await writeImage({
    source: plainSource(image, tableOf(image, 256 * KIB)),
    target: { device, offset: AT, length: 5 * MIB },
    mode: 'full',
    codec,
    onProgress: (phase) => phase === 'read-back' && order.push('read'),
  })
  const parts = [
    { offset: AT, length: 512 },
    { offset: AT + 512, length: 4096 - 512 },
    { offset: AT + 4096, length: HEAD_BYTES - 4096 },
  ]
  const flushed = <T>(list: readonly T[]) => list.flatMap((part) => [part, 'flush'])
  const short = ops.map((op) => {
    if (op.kind === 'flush') return 'flush'
    return { offset: op.offset, length: op.kind === 'write' ? op.data.length : op.length }
  })
  assert.deepEqual(short.slice(0, 6), flushed(parts))
  assert.deepEqual(short.slice(-7), ['flush', ...flushed(parts.toReversed())])
  const heads = ops.filter((one) => one.kind === 'write' && one.offset < AT + HEAD_BYTES)
  assert.equal(heads.length, 3, 'nothing else touches the head')
})

test('changed mode writes only what differs, in steps of 4 KiB, and leaves an equal slot alone', async () => {
  const old = sampleImage()
  const disk = memoryDisk({ size: 8 * MIB })
  await write(plainSource(old), disk)
  const fresh = old.slice()
  fresh[700 * KIB] ^= 1
  fresh[2 * MIB + 100] ^= 1
  const { device, count } = withRecording(disk)
  const source = plainSource(fresh)
  const outcome = await write(source, device, 'changed')
  assert.equal(Buffer.compare(disk.peek(AT, fresh.length), fresh), 0)
  assert.equal(outcome.counts.written, 2 * 4 * KIB + 64 * KIB, 'two steps and the head')
  assert.equal(outcome.counts.readBack, fresh.length)
  assert.ok(source.bytes.count.readBytes <= 3 * 64 * KIB, 'only the blocks that differ, and the head, are read')
  assert.equal(count.writtenBytes, outcome.counts.written)
  const again = withRecording(disk)
  const equal = await write(plainSource(fresh), again.device, 'changed')
  assert.equal(again.count.writes + again.count.zeroedBytes + again.count.flushes, 0)
  assert.equal(equal.counts.readBack, fresh.length)
})

test('changed mode brings any old content to the new image (property)', async () => {
  const change = fc.record({
    offset: fc.nat(700 * KIB),
    length: fc.integer({ min: 1, max: 200 * KIB }),
    zero: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 5 }), fc.nat(1000), async (changes, seed) => {
      const old = seededBytes(700 * KIB + 123, seed)
      const fresh = old.slice()
      for (const { offset, length, zero } of changes) {
        const end = Math.min(fresh.length, offset + length)
        if (offset < end) fresh.set(zero ? new Uint8Array(end - offset) : seededBytes(end - offset, seed + 1), offset)
      }
      const disk = garbage(2 * MIB)
      disk.pages.write(AT, old)
      const target = { device: disk, offset: AT, length: MIB }
      await writeImage({ source: packedSource(fresh, 'zstd'), target, mode: 'changed', codec })
      assert.equal(Buffer.compare(disk.peek(AT, fresh.length), fresh), 0)
      assert.equal(
        Buffer.compare(
          disk.peek(AT + fresh.length, 1000),
          seededBytes(2 * MIB, 99).subarray(AT + fresh.length, AT + fresh.length + 1000),
        ),
        0,
      )
    }),
    { numRuns: 40 },
  )
})

test('an interrupted copy goes on in changed mode: what arrived is checked, not trusted, and not written again', async () => {
  const image = sampleImage()
  const disk = garbage()
  const faults: Faults = { vanishAtWrite: 20 }
  await assert.rejects(write(plainSource(image), withFaults(disk, faults)), code('disk.lost'))
  disk.pages.write(AT + 130 * KIB, new Uint8Array([1, 2, 3]))
  const { device, count } = withRecording(disk)
  const outcome = await write(plainSource(image), device, 'changed')
  assert.equal(Buffer.compare(disk.peek(AT, image.length), image), 0)
  assert.equal(outcome.counts.readBack, image.length)
  assert.ok(outcome.counts.skipped > 10 * 64 * KIB && count.writtenBytes < image.length - 10 * 64 * KIB)
})

test('failures of the disk end the copy with their own code', async () => {
  const image = sampleImage()
  const cases: [Faults, Parameters<typeof isEngineError>[1]][] = [
    [{ failWrite: 9 }, 'disk.write-failed'],
    [{ failReadAt: AT + MIB }, 'disk.read-failed'],
    [{ vanishAtWrite: 3 }, 'disk.lost'],
    [{ fullAt: AT + 2 * MIB }, 'disk.full'],
    [{ readOnly: true }, 'disk.read-only'],
  ]
  for (const [faults, expected] of cases) {
    await assert.rejects(write(plainSource(image), withFaults(garbage(), faults)), code(expected))
  }
})

test('cancel ends the copy although the disk hangs, and also before it began', async () => {
  const image = sampleImage()
  for (const mode of ['full', 'changed'] as const) {
    const never = Promise.withResolvers<void>()
    const controller = new AbortController()
    const running = write(plainSource(image), withFaults(garbage(), { hold: never.promise }), mode, controller.signal)
    setTimeout(() => controller.abort(), 5)
    await assert.rejects(running, code('job.cancelled'))
    never.resolve()
    await assert.rejects(write(plainSource(image), garbage(), mode, controller.signal), code('job.cancelled'))
  }
})

test('verifyImage reads everything, writes nothing, and names the place that differs', async () => {
  const image = sampleImage()
  const table = tableOf(image)
  const disk = memoryDisk({ size: 8 * MIB })
  await write(plainSource(image), disk)
  const { device, count } = withRecording(disk)
  const outcome = await verifyImage({ device, offset: AT, length: 5 * MIB, table, codec })
  assert.equal(outcome.readBack, image.length)
  assert.equal(outcome.sha256, table.sha256)
  disk.pages.write(AT + 2 * MIB, new Uint8Array([1]))
  await assert.rejects(
    verifyImage({ device, offset: AT, length: 5 * MIB, table, codec }),
    (error) => isEngineError(error, 'write.verify-failed') && error.details.offset === AT + 2 * MIB,
  )
  await assert.rejects(verifyImage({ device, offset: AT, length: MIB, table, codec }), code('write.image-too-large'))
  assert.equal(count.writes + count.zeroedBytes + count.flushes, 0)
  const controller = new AbortController()
  controller.abort()
  const { signal } = controller
  await assert.rejects(
    verifyImage({ device, offset: AT, length: 5 * MIB, table, codec, signal }),
    code('job.cancelled'),
  )
})

test('progress ends at the whole image in each phase', async () => {
  const image = sampleImage()
  const last = new Map<string, number>()
  await writeImage({
    source: plainSource(image),
    target: { device: garbage(), offset: AT, length: 5 * MIB },
    mode: 'full',
    codec,
    onProgress(phase, done, total) {
      assert.equal(total, image.length)
      assert.ok(done >= (last.get(phase) ?? 0), 'progress never goes back')
      last.set(phase, done)
    },
  })
  assert.deepEqual(Object.fromEntries(last), { write: image.length, flush: image.length, 'read-back': image.length })
})

test('defect 21: verifying reads every byte and compares it with what was signed; no place is skipped', async () => {
  const image = sampleImage()
  const disk = garbage()
  const source = plainSource(image)
  await write(source, disk)
  const verify = () => verifyImage({ table: source.table, device: disk, offset: AT, length: 5 * MIB, codec })
  assert.equal((await verify()).readBack, image.length)
  const anywhere = fc.integer({ min: 0, max: image.length - 1 })
  await fc.assert(
    fc.asyncProperty(anywhere, fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const [before] = disk.peek(AT + at, 1)
      disk.pages.write(AT + at, Uint8Array.of(before ^ change))
      await assert.rejects(verify(), code('write.verify-failed'))
      disk.pages.write(AT + at, Uint8Array.of(before))
    }),
    { numRuns: 60 },
  )
})
