import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inlineCodec } from '#node/codec/block-codec.ts'
import { packedSource, plainSource } from '#testing/image-fixture.ts'
import { seededBytes } from '#testing/random.ts'
import { checkImages } from './check-images.ts'

const codec = { ...inlineCodec, parallel: 3 }
const image = (() => {
  const bytes = seededBytes(700_000, 7)
  bytes.fill(0, 200_000, 400_000)
  return bytes
})()

test('images whose blocks are all as signed pass, and progress ends at the sum of both', async () => {
  const seen: number[] = []
  const sources = [plainSource(image), packedSource(image, 'zstd')]
  await checkImages(sources, codec, { onProgress: (done, total) => seen.push(done / total) })
  assert.equal(seen.at(-1), 1)
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  )
})

test('a flipped bit in any block is found, first, middle or last, plain or compressed', async () => {
  for (const at of [0, 350_000, 500_000, image.length - 1]) {
    const source = plainSource(image)
    source.bytes.bytes.set([source.bytes.bytes[at] ^ 1], at)
    // Zeroes are cut out of no plain file, but the signed table says they are zero: nobody reads them.
    const outcome = checkImages([plainSource(image), source], codec)
    if (at === 350_000) await outcome
    else await assert.rejects(outcome, { code: 'write.source-mismatch' })
    source.bytes.bytes.set([source.bytes.bytes[at] ^ 1], at)
  }
  const packed = packedSource(image, 'zstd')
  packed.bytes.bytes[packed.bytes.size - 3] ^= 0x40
  await assert.rejects(checkImages([packed], codec), { code: /^write\.source-(mismatch|undecodable)$/ })
})

test('after a failure no further block is begun, and cancelling stops between blocks', async () => {
  const source = plainSource(image)
  source.bytes.bytes[0] ^= 1
  await assert.rejects(checkImages([source], { ...codec, parallel: 1 }), { code: 'write.source-mismatch' })
  assert.equal(source.bytes.count.reads, 1)
  source.bytes.bytes[0] ^= 1
  const controller = new AbortController()
  const onProgress = () => controller.abort()
  await assert.rejects(checkImages([source], codec, { signal: controller.signal, onProgress }), {
    code: 'job.cancelled',
  })
})

test('nothing to check is no failure', async () => {
  await checkImages([], codec)
})
