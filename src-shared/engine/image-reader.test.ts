import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inlineCodec as codec } from '#node/codec/block-codec.ts'
import { packedSource, plainSource, tableOf } from '#testing/image-fixture.ts'
import fc from '#testing/property.ts'
import { seededBytes } from '#testing/random.ts'
import { imageReader } from './image-reader.ts'

const BLOCK = 4096
const SIZE = 10 * BLOCK + 100
function sample(): Uint8Array {
  const image = seededBytes(SIZE, 1)
  image.fill(0, 3 * BLOCK, 5 * BLOCK)
  return image
}

test('any range of the image is what the image holds, whatever the packing (property)', async () => {
  const image = sample()
  const table = tableOf(image, BLOCK)
  const sources = [
    plainSource(image, table),
    packedSource(image, 'zstd', { table }),
    packedSource(image, 'gzip', { table }),
  ]
  for (const source of sources) {
    const read = imageReader(source, codec)
    await fc.assert(
      fc.asyncProperty(fc.nat(SIZE), fc.nat(3 * BLOCK), async (offset, length) => {
        const target = new Uint8Array(Math.min(length, SIZE - offset))
        await read(offset, target)
        assert.equal(Buffer.compare(target, image.subarray(offset, offset + target.length)), 0)
      }),
      { numRuns: 100 },
    )
  }
})

test('a flipped bit is refused wherever it is in the block, and the other blocks are still read', async () => {
  for (const at of [2 * BLOCK, 2 * BLOCK + 1234, 3 * BLOCK - 1]) {
    const image = sample()
    const source = plainSource(image.slice(), tableOf(image, BLOCK))
    source.bytes.bytes[at] ^= 0x04
    const read = imageReader(source, codec)
    await assert.rejects(read(2 * BLOCK + 5, new Uint8Array(1)), { code: 'write.source-mismatch' })
    await assert.rejects(read(2 * BLOCK - 1, new Uint8Array(2)), { code: 'write.source-mismatch' })
    await read(BLOCK, new Uint8Array(BLOCK))
    await read(5 * BLOCK, new Uint8Array(BLOCK))
  }
})

test('a flipped bit in a compressed block never comes through', async () => {
  const image = sample()
  for (const compression of ['zstd', 'gzip'] as const) {
    const source = packedSource(image, compression, { table: tableOf(image, BLOCK) })
    const { offset, length } = source.stored(1)
    source.bytes.bytes[offset + Math.floor(length / 2)] ^= 0x10
    const read = imageReader(source, codec)
    await assert.rejects(read(BLOCK, new Uint8Array(1)), (error: { code?: string }) =>
      ['write.source-mismatch', 'write.source-undecodable'].includes(error.code ?? ''),
    )
  }
})

test('ranges behind the end are refused without reading anything', async () => {
  const source = plainSource(sample(), tableOf(sample(), BLOCK))
  const read = imageReader(source, codec)
  await assert.rejects(read(SIZE, new Uint8Array(1)), { code: 'image.truncated' })
  await assert.rejects(read(-1, new Uint8Array(1)), { code: 'image.truncated' })
  await assert.rejects(read(SIZE - 4, new Uint8Array(5)), { code: 'image.truncated' })
  assert.equal(source.bytes.count.reads, 0)
  await read(SIZE, new Uint8Array(0))
})

test('a block is read once for small reads beside each other, and only a few are kept', async () => {
  const image = sample()
  const source = plainSource(image, tableOf(image, BLOCK))
  const read = imageReader(source, codec)
  for (let at = 0; at < BLOCK; at += 512) await read(at, new Uint8Array(512))
  assert.equal(source.bytes.count.reads, 1)
  for (let block = 0; block < 10; block++) await read(block * BLOCK, new Uint8Array(1))
  const once = source.bytes.count.reads
  await read(0, new Uint8Array(1))
  assert.equal(source.bytes.count.reads, once + 1, 'the first block was given up')
})
