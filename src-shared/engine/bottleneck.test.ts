import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as settle } from 'node:timers/promises'
import { inlineCodec } from '#node/codec/block-codec.ts'
import { createFakeTime } from '#testing/fake-time.ts'
import { plainSource, tableOf } from '#testing/image-fixture.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import { seededBytes } from '#testing/random.ts'
import { openBottleneck } from './bottleneck.ts'
import { writeImage } from './copy/copy-image.ts'
import type { BlockDevice, JobEvent } from './ports.ts'

const BLOCK = 4096
const BLOCKS = 300
const never = new AbortController().signal

/** Milliseconds of one block in each part. */
interface Costs {
  readonly image: number
  readonly computer: number
  readonly write: number
  readonly read: number
}

/** The real copy pipeline in a made-up time, in which each part does one thing after the other; answers what was said when. */
async function limitsOf(costs: Costs): Promise<Record<'write' | 'read-back', readonly (string | null)[]>> {
  const time = createFakeTime(new Date(0))
  const channel = () => {
    let free = 0
    return async (ms: number): Promise<void> => {
      free = Math.max(free, time.elapsed()) + ms
      await time.sleep(free - time.elapsed(), never)
    }
  }
  const [onImage, onComputer, onDisk] = [channel(), channel(), channel()]
  const image = seededBytes(BLOCK * BLOCKS, 1)
  const plain = plainSource(image, tableOf(image, BLOCK))
  const disk = memoryDisk({ size: BLOCK * BLOCKS * 2 })
  const slow = <T>(wait: Promise<void>, work: () => Promise<T>): Promise<T> => wait.then(work)
  const device: BlockDevice = {
    ...disk,
    read: (offset, target) => slow(onDisk(costs.read), () => disk.read(offset, target)),
    write: (offset, data) => slow(onDisk(costs.write), () => disk.write(offset, data)),
  }
  const codec = {
    ...inlineCodec,
    digest: (data: Uint8Array) => slow(onComputer(costs.computer), () => inlineCodec.digest(data)),
  }
  const source = {
    ...plain,
    bytes: {
      ...plain.bytes,
      read: (offset: number, target: Uint8Array) => slow(onImage(costs.image), () => plain.bytes.read(offset, target)),
    },
  }
  const meter = openBottleneck({ now: time.elapsed })
  const images = meter.release({ image: () => source })
  const said: Record<string, (string | null)[]> = { write: [], 'read-back': [] }
  let ended = false
  const copying = writeImage({
    source: images?.image('system') ?? source,
    target: { device: meter.device(device), offset: 0, length: BLOCK * BLOCKS },
    mode: 'full',
    codec: meter.codec(codec),
    pace: { now: time.elapsed, sleep: (ms) => time.sleep(ms, never) },
    onProgress(phase, doneBytes, totalBytes) {
      const event: JobEvent = { type: 'progress', step: 1, phase, doneBytes, totalBytes }
      const marked = meter.mark(event)
      said[phase]?.push(marked.type === 'progress' ? (marked.limit ?? null) : null)
    },
  }).finally(() => {
    ended = true
  })
  while (!ended) {
    await settle()
    if (time.sleeping() > 0) time.wakeNext(Number.POSITIVE_INFINITY)
  }
  await copying
  return { write: said.write, 'read-back': said['read-back'] }
}

/** What is said once it was measured; the first two seconds and the change of a phase say nothing. */
const words = (said: readonly (string | null)[]) => [...new Set(said.slice(said.findIndex((one) => one !== null)))]

test('the part that all others wait for is named, in writing and in reading back', async () => {
  const slowImage = await limitsOf({ image: 60, computer: 20, write: 20, read: 40 })
  assert.deepEqual([words(slowImage.write), words(slowImage['read-back'])], [['image'], ['disk']])
  const slowComputer = await limitsOf({ image: 20, computer: 60, write: 30, read: 30 })
  assert.deepEqual([words(slowComputer.write), words(slowComputer['read-back'])], [['computer'], ['computer']])
  const slowDisk = await limitsOf({ image: 20, computer: 20, write: 60, read: 60 })
  assert.deepEqual([words(slowDisk.write), words(slowDisk['read-back'])], [['disk'], ['disk']])
  assert.equal(slowDisk.write[0], null, 'nothing is said before it was measured')
})

test('two parts that are equally slow are not called the one that limits', async () => {
  const { write } = await limitsOf({ image: 50, computer: 10, write: 50, read: 50 })
  assert.deepEqual([...new Set(write)], [null])
})

test('other events and the device pass as they are', () => {
  const meter = openBottleneck({ now: () => 0 })
  const event: JobEvent = { type: 'warning', code: 'x', message: 'y' }
  assert.equal(meter.mark(event), event)
  assert.equal(meter.release(null), null)
  const inner: BlockDevice = { ...memoryDisk({ size: 65536 }), direct: false }
  const { direct, size, sectorSize, path } = meter.device(inner)
  assert.deepEqual([direct, size, sectorSize, path], [false, inner.size, inner.sectorSize, inner.path])
})
