import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { inlineCodec as codec, nodePace } from '#node/codec/block-codec.ts'
import { withFaults } from '#testing/faults.ts'
import { packedSource, plainSource, tableOf } from '#testing/image-fixture.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import { seededBytes } from '#testing/random.ts'
import { bufferPool } from './buffer-pool.ts'
import { copyImage } from './copy-image.ts'
import type { BlockCodec } from './ports.ts'

const KIB = 1024
const MIB = 1024 * KIB
const disks = (count: number) => Array.from({ length: count }, () => memoryDisk({ size: 8 * MIB }))
const place = (device: ReturnType<typeof withFaults>) => ({ device, offset: MIB, length: 6 * MIB })
const image = seededBytes(4 * MIB + 700, 5)
image.fill(0, MIB, MIB + 300 * KIB)

/** Counts buffers, so that a test sees what the pipeline holds. */
function countingCodec(): BlockCodec & { readonly allocated: () => number } {
  let bytes = 0
  return {
    ...codec,
    allocate(length) {
      bytes += length
      return codec.allocate(length)
    },
    allocated: () => bytes,
  }
}

test('one source and several targets: each block is read once, and every target is whole', async () => {
  const targets = disks(4)
  const source = packedSource(image, 'zstd')
  const outcomes = await copyImage({ source, targets: targets.map(place), mode: 'full', codec, pace: nodePace })
  for (const outcome of outcomes) assert.ok(outcome.ok && outcome.counts.readBack === image.length)
  for (const disk of targets) assert.equal(Buffer.compare(disk.peek(MIB, image.length), image), 0)
  assert.equal(source.bytes.count.readBytes, source.bytes.size)
})

test('a target that dies among three ends with its own error; the others are whole', async () => {
  const targets = disks(3)
  const faulty = targets.map((disk, index) => (index === 1 ? withFaults(disk, { vanishAtWrite: 12 }) : disk))
  const outcomes = await copyImage({
    source: plainSource(image),
    targets: faulty.map(place),
    mode: 'full',
    codec,
    pace: nodePace,
  })
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code)),
    ['ok', 'disk.lost', 'ok'],
  )
  for (const index of [0, 2]) assert.equal(Buffer.compare(targets[index].peek(MIB, image.length), image), 0)
})

test('a place that is too small among several is refused for itself', async () => {
  const [good, small] = disks(2)
  const targets = [place(good), { device: small, offset: 0, length: MIB }]
  const outcomes = await copyImage({ source: plainSource(image), targets, mode: 'full', codec })
  assert.ok(outcomes[0].ok)
  assert.ok(!outcomes[1].ok && outcomes[1].error.code === 'write.image-too-large')
})

test('a target that hangs holds up the others by no more than the window; when it wakes it goes on by itself', async () => {
  const [quick, other, slow] = disks(3)
  const wake = Promise.withResolvers<void>()
  const detached: number[] = []
  const finished = new Set<number>()
  const quickDone = Promise.withResolvers<void>()
  const source = plainSource(image)
  const running = copyImage({
    source,
    targets: [place(quick), place(other), place(withFaults(slow, { hold: wake.promise }))],
    mode: 'full',
    codec,
    onDetach: (target) => detached.push(target),
    onProgress({ target, phase, doneBytes, totalBytes }) {
      if (phase !== 'read-back' || doneBytes !== totalBytes) return
      finished.add(target)
      if (finished.size === 2) quickDone.resolve()
    },
  })
  await quickDone.promise
  assert.deepEqual([...finished].toSorted(), [0, 1], 'both others were read back while the third hung')
  assert.deepEqual(detached, [2])
  wake.resolve()
  const outcomes = await running
  assert.ok(outcomes.every((outcome) => outcome.ok))
  assert.equal(Buffer.compare(slow.peek(MIB, image.length), image), 0)
  assert.ok(source.bytes.count.readBytes < 2 * image.length + 64 * KIB, 'one pass for two, one for the laggard')
})

test('a merely slower target within its patience is waited for: the source is read once', async () => {
  const [quick, slow] = disks(2)
  const source = plainSource(image)
  const detached: number[] = []
  await copyImage({
    source,
    targets: [place(quick), place(withFaults(slow, { delayMs: 1 }))],
    mode: 'full',
    codec,
    pace: nodePace,
    patienceMs: 60_000,
    onDetach: (target) => detached.push(target),
  })
  assert.deepEqual(detached, [])
  assert.ok(source.bytes.count.readBytes <= image.length)
})

test('a corrupt source block fails every target, and is written to none', async () => {
  const source = plainSource(image.slice(), tableOf(image))
  source.bytes.bytes[2 * MIB] ^= 1
  const targets = disks(3)
  const outcomes = await copyImage({ source, targets: targets.map(place), mode: 'full', codec, pace: nodePace })
  for (const outcome of outcomes) assert.ok(!outcome.ok && outcome.error.code === 'write.source-mismatch')
  for (const disk of targets) assert.ok(disk.peek(3 * MIB, 64 * KIB).every((byte) => byte === 0))
})

test('cancel ends all targets at once, hanging ones too', async () => {
  const [one, two] = disks(2)
  const controller = new AbortController()
  const running = copyImage({
    source: plainSource(image),
    targets: [place(one), place(withFaults(two, { hold: new Promise(() => {}) }))],
    mode: 'full',
    codec,
    pace: nodePace,
    signal: controller.signal,
  })
  setTimeout(() => controller.abort(), 5)
  await assert.rejects(running, (error) => isEngineError(error, 'job.cancelled'))
})

test('buffers do not grow with the image, nor with a target that hangs', async () => {
  const held = async (size: number, hangs: boolean) => {
    const counting = countingCodec()
    const wake = Promise.withResolvers<void>()
    const whole = seededBytes(size, 8)
    const targets = [0, 1].map((index) => {
      const disk = memoryDisk({ size: size + MIB })
      const device = index === 1 && hangs ? withFaults(disk, { hold: wake.promise }) : disk
      return { device, offset: 0, length: size }
    })
    setTimeout(wake.resolve, 100)
    await copyImage({ source: plainSource(whole), targets, mode: 'full', codec: counting })
    return counting.allocated()
  }
  const limit = (8 + 2 * 2 + 2 + 2) * 64 * KIB + 3 * 128 * KIB
  assert.ok((await held(2 * MIB, false)) <= limit)
  assert.ok((await held(16 * MIB, false)) <= limit)
  assert.ok((await held(16 * MIB, true)) <= limit + 4 * 64 * KIB)
})

test('a buffer pool makes no more buffers than it may, and serves in order', async () => {
  const pool = bufferPool(2, () => new Uint8Array(1))
  const first = await pool.acquire()
  await pool.acquire()
  const order: number[] = []
  const third = pool.acquire().then(() => order.push(3))
  const fourth = pool.acquire().then(() => order.push(4))
  first.release()
  first.release()
  await third
  assert.deepEqual(order, [3])
  pool.grow()
  await fourth
  assert.equal(pool.made, 3)
})
