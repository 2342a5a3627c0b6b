import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { seededBytes } from '#testing/random.ts'
import { allocateShared } from '../os/aligned-memory.ts'
import { openZstdDecoder, publicDecoder } from './zstd-decoder.ts'

test('the Node that we ship lets its decoder be used again', () => {
  assert.equal(openZstdDecoder().reuses, true)
})

for (const [name, decoder] of [
  ['reused', openZstdDecoder()],
  ['public', publicDecoder],
] as const) {
  test(`the ${name} decoder gives what was compressed, time after time, also into shared memory`, () => {
    for (let round = 0; round < 20; round++) {
      const data = seededBytes(1 + round * 7919, round)
      data.fill(5, 0, round * 1000)
      const target = round % 2 ? allocateShared(data.length) : new Uint8Array(data.length)
      assert.equal(decoder.decode(zstdCompressSync(data), target), data.length)
      assert.equal(Buffer.compare(target, data), 0)
    }
  })

  test(`the ${name} decoder says how many bytes came when there are fewer, and refuses far more`, () => {
    const frame = zstdCompressSync(seededBytes(1000, 1))
    assert.equal(decoder.decode(frame, new Uint8Array(5000)), 1000)
    const bomb = zstdCompressSync(Buffer.alloc(8 * 1024 * 1024))
    let outcome: number | Error
    try {
      outcome = decoder.decode(bomb, new Uint8Array(4096))
    } catch (error) {
      outcome = error instanceof Error ? error : new Error('not an error')
    }
    assert.ok(outcome instanceof Error || outcome === 4096, 'never more than fits')
  })

  test(`the ${name} decoder refuses damaged frames and works again afterwards`, () => {
    const data = seededBytes(50_000, 2)
    const frame = zstdCompressSync(data)
    for (let seed = 0; seed < 300; seed++) {
      const damaged = new Uint8Array(frame)
      damaged[seed % 20] ^= 1 + (seed % 255)
      const target = new Uint8Array(data.length)
      try {
        assert.ok(decoder.decode(damaged, target) <= target.length)
      } catch (error) {
        assert.ok(error instanceof Error && !(error instanceof assert.AssertionError))
      }
    }
    const target = new Uint8Array(data.length)
    assert.equal(decoder.decode(frame, target), data.length)
    assert.equal(Buffer.compare(target, data), 0)
  })
}
